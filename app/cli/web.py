"""`adloom web`: pages and API in one process."""

import click


@click.command()
def web() -> None:
    """Serve pages and API on ADLOOM_HOST and ADLOOM_PORT."""
    from app.asgi import serve

    serve()
