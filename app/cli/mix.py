"""`adloom mix …` and `adloom forecast`: the numeric core on a file alone, without server or database."""

import json
from collections.abc import Callable, Sequence
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

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_events = click.option("--events", type=_FILE, help="CSV with date,event: promotions and the like.")
_as_json = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON; docs/reference/cli.md describes every field."
)
_seed = click.option("--seed", default=SEED, show_default=True, help="Same data and seed, same numbers.")


def _in_words(command: Callable[..., None]) -> Callable[..., None]:
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
@click.argument("file", type=_FILE)
@_events
@_seed
@_as_json
@_in_words
def fit(file: Path, events: Path | None, seed: int, as_json: bool) -> None:
    """Fit the mix model to FILE (the columns of an import; daily or weekly)."""
    from ml.mix.fit import fit_mix
    from ml.mix.report import mix_fit_document, quality_sentence, summary_sentences

    fitted = fit_mix(_frame(file, events), seed=seed)
    if as_json:
        _print_json(mix_fit_document(fitted))
        return
    click.echo(quality_sentence(fitted))
    for sentence in summary_sentences(fitted):
        click.echo(f"  {sentence}")
    _print_warnings(fitted.warnings)


@mix.command()
@click.argument("file", type=_FILE)
@click.option("--budget", type=float, required=True, metavar="PER_DAY", help="Budget per day to split.")
@click.option("--min", "minimum", multiple=True, metavar="CHANNEL=AMOUNT", help="Least per day of a channel.")
@click.option("--max", "maximum", multiple=True, metavar="CHANNEL=AMOUNT", help="Most per day of a channel.")
@click.option("--lock", "locked", multiple=True, metavar="CHANNEL", help="Keep a channel at today's spend.")
@_events
@_seed
@_as_json
@_in_words
def optimize(
    file: Path,
    budget: float,
    minimum: Sequence[str],
    maximum: Sequence[str],
    locked: Sequence[str],
    events: Path | None,
    seed: int,
    as_json: bool,
) -> None:
    """Split a budget per day so that the revenue to be expected is highest."""
    from ml.mix.fit import fit_mix
    from ml.mix.optimise import optimise_budget
    from ml.mix.report import budget_document

    fitted = fit_mix(_frame(file, events), seed=seed)
    plan = optimise_budget(
        fitted, budget_per_day=budget, minimum=_amounts(minimum), maximum=_amounts(maximum), locked=list(locked)
    )
    if as_json:
        _print_json(budget_document(plan))
        return
    click.echo(plan.advice_reason)
    for line in plan.allocation:
        click.echo(f"  {line.channel:<24} {line.current_per_day:>12,.2f} → {line.recommended_per_day:>12,.2f} per day")
    click.echo(
        f"Expected uplift per day: {plan.expected_uplift_per_day:,.2f} "
        f"(95 % range {plan.uplift_low:,.2f} to {plan.uplift_high:,.2f})."
    )


@click.command()
@click.argument("file", type=_FILE)
@click.option("--horizon", type=click.IntRange(1, 365), default=90, show_default=True, help="Days to look ahead.")
@click.option("--planned", type=_FILE, help="CSV with date,channel,spend: what will be spent.")
@_events
@_seed
@_as_json
@_in_words
def forecast(file: Path, horizon: int, planned: Path | None, events: Path | None, seed: int, as_json: bool) -> None:
    """Forecast the revenue that follows FILE."""
    from ml.forecast import forecast_document, forecast_revenue

    plan: dict[tuple[date, str], float] | None = read_plan_csv(planned) if planned else None
    result = forecast_revenue(_frame(file, events), horizon_days=horizon, planned=plan, seed=seed)
    if as_json:
        _print_json(forecast_document(result))
        return
    click.echo(
        f"{horizon} days: {result.total:,.0f} (80 % range {result.total_low80:,.0f} to {result.total_high80:,.0f}), "
        f"by {result.model}."
    )
    _print_warnings(result.warnings)


def _frame(file: Path, events: Path | None) -> MarketingFrame:
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


def _print_json(document: dict[str, Any]) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, allow_nan=False))


def _print_warnings(warnings: Sequence[str]) -> None:
    for warning in warnings:
        click.echo(f"Note: {warning}", err=True)
