"""`adloom settings …`: the reference page and the example file, both written from `Settings` itself."""

from collections.abc import Iterator

import click
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from kit.settings import Settings

# Heading → the beginnings of the names under it. A setting that fits none fails the contract test.
GROUPS = {
    "Adloom itself": ("adloom_",),
    "PostgreSQL and Redis": ("database_", "redis_"),
    "Files": ("s3_",),
    "Connectors": ("connector_", "connectors_"),
    "Mail": ("smtp_", "mail_"),
    "Payments": ("stripe_",),
    "Language model": ("openai_",),
}


@click.group()
def settings() -> None:
    """Print what can be set."""


@settings.command()
def example() -> None:
    """An example `.env`: every setting with its default, commented out."""
    click.echo(example_file(), nl=False)


@settings.command()
def reference() -> None:
    """The reference page in Markdown."""
    click.echo(reference_page(), nl=False)


def example_file() -> str:
    """The content of `.env.example`."""
    lines = [
        "# Copy to .env and set what you need. With nothing set, everything runs on this machine.",
        "# Written by `make docs` from kit/settings.py.",
    ]
    for heading, fields in grouped():
        lines += ["", f"# --- {heading} ---"]
        for name, field in fields:
            lines += [f"# {field.description}", f"# {name.upper()}={default_of(field)}"]
    return "\n".join(lines) + "\n"


def reference_page() -> str:
    """The content of `docs/reference/settings.md`."""
    lines = [
        "# Settings",
        "",
        "Adloom reads its settings from environment variables, and from a file `.env` in the folder that it is started in.",
        "A variable wins over the file, and an empty value counts as not set. With nothing set, everything runs on your machine.",
        "",
        "This page is written by `make docs`. `adloom doctor` tells what your settings amount to.",
    ]
    for heading, fields in grouped():
        lines += ["", f"## {heading}", "", "| Setting | Default | Meaning |", "| --- | --- | --- |"]
        lines += [f"| `{name.upper()}` | {_shown_default(field)} | {_meaning(field)} |" for name, field in fields]
    return "\n".join(lines) + "\n"


def grouped() -> Iterator[tuple[str, list[tuple[str, FieldInfo]]]]:
    """Headings with their settings, in the order of declaration."""
    for heading, beginnings in GROUPS.items():
        fields = [(name, field) for name, field in Settings.model_fields.items() if name.startswith(beginnings)]
        yield heading, fields


def default_of(field: FieldInfo) -> str:
    """The default as one would write it into the file; secrets have none."""
    if field.default is PydanticUndefined or isinstance(field.default, SecretStr):
        return ""
    return str(field.default)


def _shown_default(field: FieldInfo) -> str:
    default = default_of(field)
    return f"`{default}`" if default else "empty"


def _meaning(field: FieldInfo) -> str:
    choices = getattr(field.annotation, "__args__", ())
    listed = f" One of {', '.join(f'`{choice}`' for choice in choices)}." if choices else ""
    return f"{field.description}{listed}".replace("|", "\\|")
