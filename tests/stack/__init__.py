"""The embedded stack: servers, supervisor and the checks of `adloom doctor`, with real processes."""
