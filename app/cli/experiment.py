"""`adloom experiment …`: read, plan and split tests, and measure what a pause or a change by region did, without server or database."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import click
import numpy as np

from app.cli.mix import FILE, as_json_option, events_option, in_words, print_json, read_frame
from kit.errors import InvalidInput
from ml.experiments import (
    Arm,
    Rules,
    Variant,
    analyse_pause,
    analyse_regions,
    plan_test,
    proportion,
    read_test,
    top_two_split,
)
from ml.experiments.guardrail import Goal, Guardrail, GuardrailReading
from ml.frames import FloatArray

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def experiment() -> None:
    """Tests of versions, and of channels that were paused."""


@experiment.command()
@click.option("--control", required=True, metavar="PEOPLE:SUCCESSES", help="What was counted of the usual version.")
@click.option(
    "--variant",
    "variants",
    multiple=True,
    required=True,
    metavar="NAME=PEOPLE:SUCCESSES",
    help="Of each other version.",
)
@click.option("--fewer-is-better", is_flag=True, help="Where a success is something that you want less of.")
@click.option("--planned", type=click.IntRange(1), help="People in all at which the test ends.")
@click.option(
    "--smallest-lift",
    type=click.FloatRange(0, 100, min_open=True),
    help="The smallest change that would matter, 0.02 is 2 %; once no version can reach it, the test ends.",
)
@click.option(
    "--guardrail",
    "guarded_more",
    multiple=True,
    metavar="NAME=PEOPLE:COUNT,…",
    help="What must not get fewer: the control's count, then each version's.",
)
@click.option(
    "--guardrail-less",
    "guarded_less",
    multiple=True,
    metavar="NAME=PEOPLE:COUNT,…",
    help="What must not get more, such as returns.",
)
@click.option(
    "--margin",
    type=click.FloatRange(0, 1),
    default=0.02,
    show_default=True,
    help="By how much a guardrail may get worse.",
)
@as_json_option
@in_words
def read(
    control: str,
    variants: Sequence[str],
    fewer_is_better: bool,
    planned: int | None,
    smallest_lift: float | None,
    guarded_more: Sequence[str],
    guarded_less: Sequence[str],
    margin: float,
    as_json: bool,
) -> None:
    """What a test says today; it may be read as often as you like."""
    rules = Rules(
        goal="less" if fewer_is_better else "more",
        units_at_end=planned,
        tuning=float(planned or 5000),
        smallest_lift=smallest_lift,
    )
    versions = [_variant(one) for one in variants]
    for told, goal in [*((one, "more") for one in guarded_more), *((one, "less") for one in guarded_less)]:
        versions = _guarded(versions, told, margin=margin, goal="less" if goal == "less" else "more")
    reading = read_test(_arm(control), versions, rules=rules)
    if as_json:
        print_json(reading.to_dict())
        return
    click.echo(reading.sentence)
    for one in reading.variants:
        if one.sequential is None:
            click.echo(f"  {one.name:<16} too early to compare")
            continue
        found, interval = one.fixed.effect if one.fixed else 0.0, one.sequential
        click.echo(
            f"  {one.name:<16} {found:+.1%} (always-valid 95 % range {interval.low:+.1%} to {interval.high:+.1%})"
        )
        for guard in one.guardrails:
            click.echo(f"    {guard.name:<14} {_harm(guard)}")


@experiment.command()
@click.option(
    "--control", required=True, metavar="PEOPLE:SUCCESSES", help="What the usual version does, from the past."
)
@click.option("--lift", type=click.FloatRange(0.001, 10), required=True, help="The change to find: 0.1 is 10 %.")
@click.option("--people-per-day", type=click.FloatRange(0, min_open=True), help="Of all versions together.")
@click.option("--power", type=click.FloatRange(0.5, 0.99), default=0.8, show_default=True, help="Chance to find it.")
@click.option("--versions", type=click.IntRange(2, 20), default=2, show_default=True, help="The usual one included.")
@as_json_option
@in_words
def plan(control: str, lift: float, people_per_day: float | None, power: float, versions: int, as_json: bool) -> None:
    """How many people a test needs, and how long that takes."""
    planned = plan_test(_arm(control), lift=lift, units_per_day=people_per_day, power=power, arms=versions)
    if as_json:
        print_json(planned.to_dict())
        return
    click.echo(planned.sentence)


@experiment.command()
@click.argument("file", type=FILE)
@click.option("--channel", required=True, help="The channel that was paused, cut or raised.")
@click.option("--from", "starts_on", type=_DAY, required=True, help="First day of the change.")
@click.option("--to", "ends_on", type=_DAY, required=True, help="Last day of the change.")
@events_option
@as_json_option
@in_words
def pause(file: Path, channel: str, starts_on: datetime, ends_on: datetime, events: Path | None, as_json: bool) -> None:
    """What a pause of CHANNEL cost, by the days around it."""
    first, last = _days(starts_on.date(), ends_on.date())
    reading = analyse_pause(read_frame(file, events), channel, starts_on=first, ends_on=last)
    if as_json:
        print_json(reading.to_dict())
        return
    click.echo(reading.sentence)


@experiment.command()
@click.option(
    "--version",
    "versions",
    required=True,
    multiple=True,
    metavar="NAME=PEOPLE:SUCCESSES",
    help="Each version's counts.",
)
@click.option("--least-share", type=click.FloatRange(0, 0.5), default=0.05, show_default=True, help="Of any version.")
@click.option("--fewer-is-better", is_flag=True, help="Where a success is something that you want less of.")
@as_json_option
@in_words
def split(versions: Sequence[str], least_share: float, fewer_is_better: bool, as_json: bool) -> None:
    """By which shares to split the next people, so that the best version is found sooner."""
    counted = [_variant(told) for told in versions]
    found = top_two_split([one.arm for one in counted], least_share=least_share, goal_is_more=not fewer_is_better)
    if as_json:
        print_json({"names": [one.name for one in counted], **found.to_dict()})
        return
    for one, best, weight in zip(counted, found.chance_best, found.weights, strict=True):
        click.echo(f"{one.name}: {weight:.1%} of the next people; best with a probability of {best:.1%}")


@experiment.command()
@click.argument("file", type=FILE)
@click.option("--treated", required=True, multiple=True, help="A region in which spend was changed; may be repeated.")
@click.option("--from", "starts_on", type=_DAY, required=True, help="First day of the change.")
@click.option("--to", "ends_on", type=_DAY, required=True, help="Last day of the change.")
@click.option("--spend-change", type=float, help="Planned less actual spend there; without it, revenue alone is told.")
@as_json_option
@in_words
def regions(
    file: Path,
    treated: Sequence[str],
    starts_on: datetime,
    ends_on: datetime,
    spend_change: float | None,
    as_json: bool,
) -> None:
    """What a change of spend in some regions did, from a FILE with date,region,revenue."""
    table = _region_table(file)
    first, last = _days(starts_on.date(), ends_on.date())
    reading = analyse_regions(
        table.revenue,
        table.names,
        treated=treated,
        first=(first - table.first_day).days,
        last=(last - table.first_day).days,
        spend_change=spend_change,
    )
    if as_json:
        print_json(reading.to_dict())
        return
    click.echo(reading.sentence)


@dataclass(frozen=True)
class _Regions:
    first_day: date
    names: list[str]
    revenue: FloatArray


def _region_table(file: Path) -> _Regions:
    """Days × regions of a file with a row per day and region; a day without a row sold nothing."""
    sold: dict[tuple[date, str], float] = {}
    with file.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        if missing := {"date", "region", "revenue"} - set(reader.fieldnames or ()):
            raise InvalidInput(
                f"{file} has no column {', '.join(sorted(missing))}.", "Name them date, region, revenue."
            )
        for row in reader:
            try:
                key, amount = (date.fromisoformat(row["date"]), row["region"].strip()), float(row["revenue"])
            except (ValueError, AttributeError, TypeError) as problem:
                raise InvalidInput(
                    f"Row {reader.line_num} of {file} cannot be read.", "Write it like 2026-03-01,Bavaria,1250.40."
                ) from problem
            sold[key] = sold.get(key, 0.0) + amount
    if not sold:
        raise InvalidInput(f"{file} has no rows.", "Give a row per day and region.")
    first, names = min(day for day, _ in sold), sorted({name for _, name in sold})
    revenue = np.zeros(((max(day for day, _ in sold) - first).days + 1, len(names)))
    for (day, name), amount in sold.items():
        revenue[(day - first).days, names.index(name)] = amount
    return _Regions(first, names, revenue)


def _days(starts_on: date, ends_on: date) -> tuple[date, date]:
    if ends_on < starts_on:
        raise InvalidInput(f"--to {ends_on} lies before --from {starts_on}.", "Swap them.")
    return starts_on, ends_on


def _variant(told: str) -> Variant:
    name, _, counted = told.partition("=")
    if not name or not counted:
        raise InvalidInput(f"“{told}” is not NAME=PEOPLE:SUCCESSES.", "Write it like --variant B=10000:580.")
    return Variant(name, _arm(counted))


def _guarded(versions: Sequence[Variant], told: str, *, margin: float, goal: Goal) -> list[Variant]:
    """The versions with one more guardrail each."""
    name, _, counted = told.partition("=")
    arms = [_arm(one) for one in counted.split(",")] if name and counted else []
    if len(arms) != len(versions) + 1:
        raise InvalidInput(
            f"“{told}” does not count the control and {len(versions)} of the other versions.",
            "Write it like --guardrail-less returns=10000:310,10000:325, the control first.",
        )
    return [
        replace(one, guardrails=(*one.guardrails, Guardrail(name, arms[0], arm, margin=margin, goal=goal)))
        for one, arm in zip(versions, arms[1:], strict=True)
    ]


def _harm(guard: GuardrailReading) -> str:
    if not math.isfinite(guard.low):
        return "too early to compare"
    return (
        f"{guard.change:+.1%} ({guard.low:+.1%} to {guard.high:+.1%}; at most {guard.margin:.1%} worse is allowed): "
        f"{guard.verdict}"
    )


def _arm(told: str) -> Arm:
    people, _, successes = told.partition(":")
    try:
        counted = int(people), float(successes)
    except ValueError:
        raise InvalidInput(f"“{told}” is not PEOPLE:SUCCESSES.", "Write it like 10000:500.") from None
    return proportion(*counted)
