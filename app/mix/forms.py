"""What people type on the forecast and budget pages → requests, with complaints that name the field."""

import math
from collections.abc import Mapping, Sequence

from app.mix.countries import countries
from app.mix.queries import PaidChannel
from app.mix.schemas import HORIZONS, BudgetGoal, BudgetRequest, ForecastRequest, GroupCapRequest
from kit.errors import FieldError, InvalidInput

DEFAULT_HORIZON_DAYS = 30
DEFAULT_MAX_CHANGE = 0.3
# How far a channel may move in one plan; "" is without limit.
STEP_LIMITS = (
    ("0.1", "10 %"),
    ("0.2", "20 %"),
    ("0.3", "30 % (advised)"),
    ("0.5", "50 %"),
    ("", "No limit"),
)
GOALS = (
    ("revenue", "The most revenue from this budget"),
    ("profit", "The most profit, whatever it takes"),
    ("roas", "As much as keeps a return"),
)
MOST_CAPS = 20
_MOST = 1e12


def forecast_request(form: Mapping[str, str], channels: Sequence[PaidChannel]) -> ForecastRequest:
    """The forecast that a form asks for; a field that still holds the usual spend plans nothing."""
    problems: list[FieldError] = []
    horizon = form.get("horizon_days", str(DEFAULT_HORIZON_DAYS))
    if horizon not in {str(days) for days in HORIZONS}:
        problems.append(FieldError(f"Choose {', '.join(map(str, HORIZONS))} days.", "horizon_days"))
    country = form.get("country", "")
    if country and country not in dict(countries()):
        problems.append(FieldError("Choose a country of the list, or none.", "country"))
    planned = {}
    for channel in channels:
        name, typed = f"spend.{channel.key}", form.get(f"spend.{channel.key}", "").strip()
        if typed and typed != form.get(f"usual.{channel.key}", ""):
            planned[channel.name] = _amount(typed, name, channel.name, problems)
    _refuse(problems)
    return ForecastRequest(horizon_days=int(horizon), planned_per_day=planned, country=country)


def budget_request(form: Mapping[str, str], channels: Sequence[PaidChannel]) -> BudgetRequest:
    """The plan that a form asks for; limits that lie at the ends of their sliders limit nothing."""
    problems: list[FieldError] = []
    budget = _amount(form.get("budget", ""), "budget", "The budget", problems)
    if not problems and budget <= 0:
        problems.append(FieldError("Enter a budget above 0.", "budget"))
    minimum, maximum = {}, {}
    for channel in channels:
        low, high, top = (form.get(f"{end}.{channel.key}", "").strip() for end in ("low", "high", "top"))
        if low and (least := _amount(low, f"low.{channel.key}", channel.name, problems)) > 0:
            minimum[channel.name] = least
        if high and high != top:
            maximum[channel.name] = _amount(high, f"high.{channel.key}", channel.name, problems)
    caps = _caps(form, channels, problems)
    goal, margin, roas = _goal(form, problems)
    step = form.get("max_change", "")
    if step not in dict(STEP_LIMITS):
        problems.append(FieldError("Choose one of the steps.", "max_change"))
    _refuse(problems)
    return BudgetRequest(
        name=form.get("name", "").strip()[:80] or "Plan",
        budget_per_day=budget,
        minimum=minimum,
        maximum=maximum,
        locked=[channel.name for channel in channels if form.get(f"lock.{channel.key}")],
        max_change=float(step) if step else None,
        within_observed=not form.get("beyond"),
        goal=goal,
        margin=margin,
        target_roas=roas,
        group_caps=caps,
    )


def _caps(
    form: Mapping[str, str], channels: Sequence[PaidChannel], problems: list[FieldError]
) -> list[GroupCapRequest]:
    """What groups of channels may take together; a row without a channel and without an amount is none."""
    caps = []
    for row in (f"cap.{index}" for index in range(MOST_CAPS)):
        members = [channel.name for channel in channels if form.get(f"{row}.channel.{channel.key}")]
        typed, name = form.get(f"{row}.maximum", "").strip(), form.get(f"{row}.name", "").strip()[:60]
        if not members and not typed:
            continue
        if not members:
            problems.append(FieldError("Choose the channels of this group.", f"{row}.maximum"))
        elif not typed:
            problems.append(FieldError("Enter what the group may take a day, or clear its channels.", f"{row}.maximum"))
        else:
            most = _amount(typed, f"{row}.maximum", name or "The group", problems)
            caps.append(GroupCapRequest(channels=members, maximum=most, name=name))
    return caps


def _goal(form: Mapping[str, str], problems: list[FieldError]) -> tuple[BudgetGoal, float | None, float | None]:
    """What the plan is to achieve, with the margin or the return that belongs to it."""
    asked = form.get("goal", BudgetGoal.REVENUE.value)
    goal = BudgetGoal(asked) if asked in set(BudgetGoal) else BudgetGoal.REVENUE
    if goal is BudgetGoal.REVENUE:
        return goal, None, None
    is_profit = goal is BudgetGoal.PROFIT
    name, most = ("margin", 100.0) if is_profit else ("target_roas", 1e6)
    try:
        value = float(form.get(name, "").strip().removesuffix("%").replace(",", "."))
    except ValueError:
        value = math.nan
    if not 0 < value <= most:
        message = "Enter the margin in percent, from above 0 to 100." if is_profit else "Enter a return such as 2.5."
        problems.append(FieldError(message, name))
        return goal, None, None
    return (goal, value / 100, None) if is_profit else (goal, None, value)


def _amount(typed: str, field: str, what: str, problems: list[FieldError]) -> float:
    """An amount of 0 or more; what is not one becomes a complaint."""
    try:
        value = float(typed.replace("\u00a0", "").replace(" ", ""))
    except ValueError:
        value = math.nan
    if not 0 <= value <= _MOST:
        problems.append(FieldError(f"{what}: enter an amount a day, 0 or more.", field))
        return 0.0
    return value


def _refuse(problems: list[FieldError]) -> None:
    if problems:
        raise InvalidInput(
            "Some amounts need a correction.", "Enter amounts a day such as 120 or 99.50.", errors=problems
        )
