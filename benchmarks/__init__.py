"""Programs that print the figures in docs/measured.md; `make bench` runs them all."""
