"""`adloom connector new | verify | read | list | freeze`: write a connector, hold it against the kit, and look at what it reads.

Standard output is for results alone: what a connector prints goes to standard error.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from adloom_sdk.connector import Connector
from adloom_sdk.errors import PlatformError
from adloom_sdk.messages import Kind
from adloom_sdk.money import decimal_text
from adloom_sdk.records import AnyRecord, DailyMetric, Level, RevenueDay
from app.plugin_checks import in_words, one_line
from app.plugins import find_plugins, load_plugins
from kit.errors import InvalidInput, NotFound

_DAY = click.DateTime(["%Y-%m-%d"])
_FOLDER = click.Path(file_okay=False, path_type=Path)
_PLATFORM_REFUSED = 3
_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def connector() -> None:
    """Write a connector, verify it, and look at what it reads."""


@connector.command("list")
@_as_json
def list_connectors(*, as_json: bool) -> None:
    """Show every connector that is installed, and why one does not work."""
    statuses = load_plugins().statuses
    if as_json:
        click.echo(json.dumps([asdict(one) for one in statuses], indent=1))
        return
    for one in statuses:
        click.echo(f"{one.name:<20} {one.state:<13} {one.distribution} {one.version}  {one.reason}".rstrip())


@connector.command()
@click.argument("name")
@click.option("--directory", type=_FOLDER, help="Where to write it; ./adloom-NAME without.")
def new(name: str, directory: Path | None) -> None:
    """Start a connector called NAME: a distribution of its own that passes the kit as it is."""
    from app.cli.connectors.scaffold import names_of, scaffold

    names = names_of(name)
    if names.key in load_plugins().connectors:
        raise InvalidInput(f"There is a connector {names.key} already.", "Choose another name.")
    folder = scaffold(name, directory)
    click.echo(f"Wrote {folder}: a connector to {names.title}, and a fake of the platform to test it at.")
    click.echo(f"Hold it against the kit:  adloom connector verify {folder}")
    click.echo(f"Then make it yours, beginning with {folder}/adloom_{names.key}/manifest.py.")


@connector.command()
@click.argument("name")
@_as_json
def verify(name: str, *, as_json: bool) -> None:
    """Hold NAME, an installed connector or a connector's folder, against the conformance kit."""
    from adloom_sdk.testing.kit import run_kit

    with _found(name) as connector_class, redirect_stdout(sys.stderr):
        report = run_kit(connector_class, _fake_of(connector_class))
    click.echo(report.json() if as_json else report.table())
    if report.failed:
        sys.exit(1)


@connector.command()
@click.argument("name")
def freeze(name: str) -> None:
    """Write down what this release of NAME promises and reads; later ones are compared with it (points C20 and C21)."""
    from adloom_sdk.testing.kit import freeze as write_down

    with _found(name) as connector_class, redirect_stdout(sys.stderr):
        written = write_down(connector_class, _fake_of(connector_class))
    for path in written:
        click.echo(f"Wrote {path}")


@connector.command()
@click.argument("name")
@click.option("--account", "account_id", required=True, help="The account's id at the platform.")
@click.option("--since", required=True, type=_DAY, help="First day, in the account's zone.")
@click.option("--until", required=True, type=_DAY, help="Last day, in the account's zone.")
@click.option("--kind", type=click.Choice([one.value for one in Kind]), help="What to read; everything without.")
@click.option("--level", type=click.Choice([one.value for one in Level]), default="campaign", show_default=True)
@click.option("--base-url", default="", help="Call this address instead of the platform; {host} stands for its host.")
@click.option("--fake", "is_fake", is_flag=True, help="Read from the connector's own fake instead of the platform.")
@click.option(
    "--token", default="", envvar="ADLOOM_CONNECTOR_TOKEN", help="The access token, or ADLOOM_CONNECTOR_TOKEN."
)
@click.option(
    "--app", "app_pairs", multiple=True, metavar="NAME=VALUE", help="An app setting, such as developer_token."
)
@click.option("--config", "config_pairs", multiple=True, metavar="NAME=VALUE", help="A setting of the connection.")
@click.option("--version", default="", help="The API version to call; the connector's own without.")
@click.option("--currency", default="USD", show_default=True, help="Of the account, where it cannot be listed.")
@click.option("--timezone", default="UTC", show_default=True, help="Of the account, where it cannot be listed.")
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(min=0, min_open=True),
    default=300,
    show_default=True,
    help="Seconds until it gives up.",
)
@_as_json
def read(
    name: str,
    *,
    since: datetime,
    until: datetime,
    kind: str | None,
    level: str,
    app_pairs: tuple[str, ...],
    config_pairs: tuple[str, ...],
    timeout_s: float,
    is_fake: bool,
    as_json: bool,
    **texts: str,
) -> None:
    """Read one account through NAME and print the records, a line each."""
    from app.cli.connectors.reading import as_line, problem_line, problem_text, read_records
    from app.cli.connectors.wishes import Wish, require_sensible

    wish = Wish(
        since=since.date(),
        until=until.date(),
        kind=Kind(kind) if kind else None,
        level=Level(level),
        app=_pairs(app_pairs),
        config=_pairs(config_pairs),
        timeout_s=timeout_s,
        is_fake=is_fake,
        **texts,
    )
    out = sys.stdout
    with _found(name) as connector_class, redirect_stdout(sys.stderr):
        require_sensible(wish, connector_class.manifest)
        fake_class = _fake_of(connector_class) if wish.is_fake else None
        try:
            for record in read_records(connector_class, wish, fake_class=fake_class):
                click.echo(as_line(record) if as_json else _row(record), file=out)
        except PlatformError as error:
            click.echo(problem_line(error) if as_json else problem_text(error), err=True)
            sys.exit(_PLATFORM_REFUSED)


@contextmanager
def _found(name: str) -> Iterator[type[Connector]]:
    """An installed connector, or the one whose folder it is."""
    folder = Path(name)
    if not (folder / "pyproject.toml").is_file():
        if len(folder.parts) != 1 or name.startswith("."):
            raise NotFound(
                f"{name} holds no connector: there is no pyproject.toml in it.", "Name a connector's folder."
            )
        yield load_plugins().named(name)
        return
    from app.cli.connectors.project import as_installed

    with as_installed(folder) as project:
        yield find_plugins().provided(project.key, by=project.distribution)


def _fake_of(connector_class: type[Connector]) -> type:
    from adloom_sdk.testing.kit.lookup import NoFake, find_fake

    try:
        return find_fake(connector_class.manifest.key)
    except NoFake as problem:
        raise NotFound(str(problem)) from problem
    except Exception as problem:
        raise InvalidInput(
            f"The fake of {connector_class.manifest.title} cannot be loaded: {one_line(in_words(problem))}",
            "Correct it, or the entry point of the group adloom.fakes that leads to it.",
        ) from problem


def _pairs(words: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise InvalidInput(f"“{word}” is no NAME=VALUE.")
        pairs[name] = value
    return pairs


def _row(record: AnyRecord) -> str:
    """A record for people."""
    if isinstance(record, DailyMetric):
        spend = f"{decimal_text(record.spend_micros)} {record.currency}"
        counts = f"{record.impressions} impressions  {record.clicks} clicks  {record.conversions} conversions"
        return f"{record.day}  {record.entity_id}  {spend}  {counts}"
    if isinstance(record, RevenueDay):
        return f"{record.day}  {record.source or '-'}  {decimal_text(record.revenue_micros)} {record.currency}  {record.orders} orders"
    status = getattr(record, "status", "")
    return f"{record.id}  {status}  {record.name}"
