"""`adloom connector …`: what people who write connectors work with. `skeleton/` is what `adloom connector new` starts from."""
