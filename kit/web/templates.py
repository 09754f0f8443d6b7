"""The template environment: strict about what is undefined, safe about what is foreign, and with the few filters that pages share."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from kit import format as formatting

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


def template_environment() -> Environment:
    """One environment per process; filters are the functions of `kit.format` that are meant for templates."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(formatting.FILTERS)
    return environment
