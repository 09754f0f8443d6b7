"""`adloom experiment …`: read and plan tests, and measure what a pause cost, without server or database."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import click

from app.cli.mix import FILE, as_json_option, events_option, in_words, print_json, read_frame
from kit.errors import InvalidInput
from ml.experiments import Arm, Rules, Variant, analyse_pause, plan_test, proportion, read_test
from ml.experiments.guardrail import Goal, Guardrail, GuardrailReading

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
