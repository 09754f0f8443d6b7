"""`adloom mix …` and `adloom forecast`: the numeric core on a file alone, without server or database."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any

import click

from app.mix.errors import as_product_error
from app.mix.schemas import SEED
from kit.errors import InvalidInput
from ml.errors import MlError
from ml.frames import MarketingFrame, read_marketing_csv, read_plan_csv
from ml.mix.limits import GroupCap

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
events_option = click.option("--events", type=FILE, help="CSV with date,event: promotions and the like.")
as_json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON; docs/reference/cli.md describes every field."
)
_seed = click.option("--seed", default=SEED, show_default=True, help="Same data and seed, same numbers.")


def in_words(command: Callable[..., None]) -> Callable[..., None]:
    """Refusals of the numeric core reach the person like every other error."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except MlError as problem:
            raise as_product_error(problem) from problem

    return wrapped


@click.group()
def mix() -> None:
    """What each channel brings, and where the budget should go."""


@mix.command()
@click.argument("file", type=FILE)
@events_option
@_seed
@as_json_option
@in_words
def fit(file: Path, events: Path | None, seed: int, as_json: bool) -> None:
    """Fit the mix model to FILE (the columns of an import; daily or weekly)."""
    from ml.mix.fit import fit_mix
    from ml.mix.report import mix_fit_document, quality_sentence, summary_sentences

    fitted = fit_mix(read_frame(file, events), seed=seed)
    if as_json:
        print_json(mix_fit_document(fitted))
        return
    click.echo(quality_sentence(fitted))
    for sentence in summary_sentences(fitted):
        click.echo(f"  {sentence}")
    _print_warnings(fitted.warnings)


@mix.command()
@click.argument("file", type=FILE)
@click.option(
    "--budget", type=float, metavar="PER_DAY", help="Budget per day to split; with a goal, the most to spend."
)
@click.option(
    "--profit",
    "margin",
    type=click.FloatRange(0, 1, min_open=True),
    metavar="MARGIN",
    help="Spend what brings the most profit; 0.4 is a margin of 40 %.",
)
@click.option(
    "--roas", type=click.FloatRange(0, min_open=True), metavar="RETURN", help="Spend as much as keeps this return."
)
@click.option("--cap", "caps", multiple=True, metavar="A+B=AMOUNT", help="Most per day of channels together.")
@click.option("--min", "minimum", multiple=True, metavar="CHANNEL=AMOUNT", help="Least per day of a channel.")
@click.option("--max", "maximum", multiple=True, metavar="CHANNEL=AMOUNT", help="Most per day of a channel.")
@click.option("--lock", "locked", multiple=True, metavar="CHANNEL", help="Keep a channel at today's spend.")
@events_option
@_seed
@as_json_option
@in_words
def optimize(
    file: Path,
    budget: float | None,
    margin: float | None,
    roas: float | None,
    caps: Sequence[str],
    minimum: Sequence[str],
    maximum: Sequence[str],
    locked: Sequence[str],
    events: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Split a budget per day so that the revenue to be expected is highest, or choose one for the most profit or a return."""
    from ml.mix.fit import fit_mix
    from ml.mix.goals import MostProfit, TargetRoas
    from ml.mix.optimise import optimise_budget
    from ml.mix.report import budget_document

    if sum(one is not None for one in (margin, roas)) > 1 or (budget is None and margin is None and roas is None):
        raise InvalidInput("What is asked for is not clear.", "Give --budget, or one of --profit and --roas.")
    goal = MostProfit(margin) if margin is not None else TargetRoas(roas) if roas is not None else None
    fitted = fit_mix(read_frame(file, events), seed=seed)
    plan = optimise_budget(
        fitted,
        budget_per_day=budget,
        goal=goal,
        minimum=_amounts(minimum),
        maximum=_amounts(maximum),
        locked=list(locked),
        group_caps=_caps(caps),
    )
    if as_json:
        print_json(budget_document(plan))
        return
    click.echo(plan.advice_reason)
    for line in plan.allocation:
        click.echo(f"  {line.channel:<24} {line.current_per_day:>12,.2f} → {line.recommended_per_day:>12,.2f} per day")
    click.echo(
        f"Expected uplift per day: {plan.expected_uplift_per_day:,.2f} "
        f"(95 % range {plan.uplift_low:,.2f} to {plan.uplift_high:,.2f})."
    )


@mix.command()
@click.argument("file", type=FILE)
@events_option
@_seed
@as_json_option
@in_words
def diagnose(file: Path, events: Path | None, seed: int, as_json: bool) -> None:
    """Look for faults: what spend alone can tell, then a fit, its checks, and what a made-up channel would get."""
    from ml.mix.fit import fit_mix
    from ml.mix.health import diagnose_fit
    from ml.mix.identify import identify

    frame = read_frame(file, events)
    before = identify(frame)
    checks = diagnose_fit(frame, fit_mix(frame, seed=seed), seed=seed)
    if as_json:
        print_json({"before": [one.to_dict() for one in before], "checks": [asdict(check) for check in checks]})
        return
    click.echo("Before any fit, from spend alone:")
    for one in before:
        click.echo(f"  {one.channel:<24} {one.grade.replace('_', ' '):<12} {one.reason}")
    click.echo("After the fit:")
    for check in checks:
        click.echo(f"  {check.light:<6} {check.sentence}")


@mix.command()
@click.argument("file", type=FILE)
@click.option(
    "--times", type=click.IntRange(2, 200), default=10, show_default=True, help="How many businesses to make."
)
@events_option
@_seed
@as_json_option
@in_words
def simulate(file: Path, times: int, events: Path | None, seed: int, as_json: bool) -> None:
    """How good is this on data like yours? Makes businesses with your spend and known truth, fits each, and compares."""
    from ml.mix.fit import fit_mix
    from ml.mix.selftest import selftest

    frame = read_frame(file, events)
    tested = selftest(fit_mix(frame, seed=seed), frame, n=times, seed=seed, progress=_on_stderr)
    if as_json:
        print_json(tested.to_dict())
        return
    click.echo(tested.sentence)
    for one in tested.channels:
        held, error = (
            f"{one.covered_95:.0%} of the 95 % ranges held the truth",
            f"typical error {one.typical_error:.0%}",
        )
        click.echo(f"  {one.channel:<24} {held}, {error}")


@click.command()
@click.argument("file", type=FILE)
@click.option("--horizon", type=click.IntRange(1, 365), default=90, show_default=True, help="Days to look ahead.")
@click.option("--planned", type=FILE, help="CSV with date,channel,spend: what will be spent.")
@click.option("--country", metavar="XX", default="", help="Two letters, such as US or DE: its public holidays count.")
@events_option
@_seed
@as_json_option
@in_words
def forecast(
    file: Path, horizon: int, planned: Path | None, country: str, events: Path | None, seed: int, as_json: bool
) -> None:
    """Forecast the revenue that follows FILE."""
    from app.mix.countries import require_country
    from ml.forecast import ForecastOptions, forecast_document, forecast_revenue

    require_country(country.upper())
    options = ForecastOptions(country=country.upper() or None)
    plan: dict[tuple[date, str], float] | None = read_plan_csv(planned) if planned else None
    result = forecast_revenue(read_frame(file, events), horizon_days=horizon, planned=plan, seed=seed, options=options)
    if as_json:
        print_json(forecast_document(result))
        return
    click.echo(
        f"{horizon} days: {result.total:,.0f} (80 % range {result.total_low80:,.0f} to {result.total_high80:,.0f}), "
        f"by {result.model}."
    )
    _print_warnings(result.warnings)


def _on_stderr(share: float, sentence: str) -> None:
    click.echo(f"\r{share:4.0%} {sentence:<60}", err=True, nl=share >= 1)


def read_frame(file: Path, events: Path | None) -> MarketingFrame:
    """The history in a file, with the events of another."""
    return read_marketing_csv(file, events)


def _amounts(pairs: Sequence[str]) -> dict[str, float]:
    amounts: dict[str, float] = {}
    for pair in pairs:
        channel, _, amount = pair.rpartition("=")
        try:
            amounts[channel] = float(amount)
        except ValueError:
            raise InvalidInput(f"“{pair}” is not CHANNEL=AMOUNT.", "Write it like --min Email=20.") from None
    return amounts


def _caps(pairs: Sequence[str]) -> list[GroupCap]:
    return [GroupCap(names, tuple(names.split("+")), amount) for names, amount in _amounts(pairs).items()]


def print_json(document: dict[str, Any]) -> None:
    """A document on one line."""
    click.echo(json.dumps(document, ensure_ascii=False, allow_nan=False))


def _print_warnings(warnings: Sequence[str]) -> None:
    for warning in warnings:
        click.echo(f"Note: {warning}", err=True)
