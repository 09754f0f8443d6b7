"""The forms of the forecast and budget pages, filled from the last request, the fit behind it and the recent spend."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.mix.charts import slot_of
from app.mix.contexts import BudgetForm, CapField, ForecastForm, SpendField
from app.mix.countries import countries
from app.mix.forms import DEFAULT_HORIZON_DAYS, DEFAULT_MAX_CHANGE, GOALS, MOST_CAPS, STEP_LIMITS
from app.mix.queries import PaidChannel
from app.mix.schemas import HORIZONS, BudgetRequest, ForecastRequest
from app.mix.trying import own_numbers
from kit.format import amount
from kit.web.controls import SliderChannel
from ml.mix.results import MixFit

_ROOM = 1.5  # how far sliders go beyond the highest day there was


def forecast_form(
    channels: Sequence[PaidChannel],
    *,
    currency: str,
    asked: ForecastRequest | None,
    typed: Mapping[str, str] | None = None,
) -> ForecastForm:
    """Horizons, the spend a day of each channel, and whose holidays count: as typed, as asked last time, or as usual."""
    horizon = asked.horizon_days if asked else DEFAULT_HORIZON_DAYS
    planned = asked.planned_per_day if asked else {}
    fields = []
    for channel in channels:
        usual = _plain(channel.per_day)
        value = _plain(planned[channel.name]) if channel.name in planned else usual
        fields.append(
            SpendField(
                key=channel.key,
                name=channel.name,
                slot=slot_of({channel.name: channel.slot}, channel.name),
                value=(typed or {}).get(f"spend.{channel.key}", value),
                usual=usual,
                usual_text=amount(channel.per_day, currency),
            )
        )
    return ForecastForm(
        horizons=tuple((days, days == horizon) for days in HORIZONS),
        fields=tuple(fields),
        currency=currency,
        is_planned=bool(planned) or typed is not None,
        country=(typed or {}).get("country", asked.country if asked else ""),
        countries=(("", "None but my own events"), *countries()),
    )


def _plain(value: float) -> str:
    return f"{value:.2f}".removesuffix(".00")


def budget_form(
    channels: Sequence[PaidChannel],
    *,
    base: str,
    run_id: str,
    currency: str,
    asked: BudgetRequest | None,
    fit: MixFit | None = None,
    recommended: Mapping[str, float] | None = None,
    typed: Mapping[str, str] | None = None,
) -> BudgetForm | None:
    """Sliders from the last request; today's spend where nothing was asked yet. None where no channel has spend."""
    if not channels:
        return None
    current = _current(channels, fit)
    budget = asked.budget_per_day if asked and asked.budget_per_day else sum(current.values())
    digits = max(min(3 - math.floor(math.log10(budget)), 2), 0) if budget > 0 else 2
    sliders = [
        _slider(channel, current[channel.name], digits, asked or BudgetRequest(), fit, recommended or {})
        for channel in channels
    ]
    if typed:
        sliders = [_as_typed(slider, typed) for slider in sliders]
        budget = _number(typed.get("budget", ""), budget)
    limit = asked.max_change if asked else DEFAULT_MAX_CHANGE
    return BudgetForm(
        action=base,
        endpoint=f"{base}/{run_id}/try" if recommended else "",
        name=asked.name if asked else "",
        budget=round(budget, digits),
        least=0,
        most=_rounded_up(2 * max(budget, sum(current.values()), 1.0), digits),
        step=10.0**-digits if digits else 1,
        currency=currency,
        channels=tuple(sliders),
        max_change=next((key for key, _ in STEP_LIMITS if key and limit == float(key)), ""),
        steps=STEP_LIMITS,
        goes_beyond=asked is not None and not asked.within_observed,
        own=own_numbers(fit, recommended) if fit and recommended else {},
        goals=GOALS,
        caps=_cap_fields(channels, asked, typed or {}),
        **_goal_values(asked, typed or {}),
    )


def _cap_fields(
    channels: Sequence[PaidChannel], asked: BudgetRequest | None, typed: Mapping[str, str]
) -> tuple[CapField, ...]:
    """The groups of the last request, or as they were typed, and room for one more."""
    if typed:
        told = [
            CapField(
                f"cap.{index}",
                typed.get(f"cap.{index}.name", ""),
                typed.get(f"cap.{index}.maximum", ""),
                tuple(channel.key for channel in channels if typed.get(f"cap.{index}.channel.{channel.key}")),
            )
            for index in range(MOST_CAPS)
        ]
        rows = [one for one in told if one.name or one.maximum or one.members]
    else:
        caps = asked.group_caps if asked else []
        rows = [
            CapField(
                f"cap.{index}",
                cap.name,
                _plain(cap.maximum),
                tuple(channel.key for channel in channels if channel.name in cap.channels),
            )
            for index, cap in enumerate(caps)
        ]
    used = {one.row for one in rows}
    free = next((f"cap.{index}" for index in range(MOST_CAPS) if f"cap.{index}" not in used), None)
    return (*rows, CapField(free, "", "", ())) if free else tuple(rows)


def _goal_values(asked: BudgetRequest | None, typed: Mapping[str, str]) -> dict[str, str]:
    """The goal of the last request, or as it was typed."""
    known = asked or BudgetRequest()
    told = {
        "goal": known.goal.value,
        "margin": f"{known.margin * 100:g}" if known.margin else "",
        "target_roas": f"{known.target_roas:g}" if known.target_roas else "",
    }
    return {name: typed.get(name, value) for name, value in told.items()}


def _current(channels: Sequence[PaidChannel], fit: MixFit | None) -> dict[str, float]:
    """Today's spend a day, as the fit counts it where there is one."""
    fitted = {channel.channel: channel.current_per_day for channel in fit.channels} if fit else {}
    return {channel.name: fitted.get(channel.name, channel.per_day) for channel in channels}


def _slider(
    channel: PaidChannel,
    current: float,
    digits: int,
    asked: BudgetRequest,
    fit: MixFit | None,
    recommended: Mapping[str, float],
) -> SliderChannel:
    name = channel.name
    highest = fit.channel(name).highest_per_day if fit and name in fit.names else 2 * current
    value = recommended.get(name, current)
    top = _rounded_up(
        max(_ROOM * highest, value, current, asked.minimum.get(name, 0.0), asked.maximum.get(name, 0.0), 1.0), digits
    )
    return SliderChannel(
        key=channel.key,
        name=name,
        slot=slot_of({name: channel.slot}, name),
        value=round(value, digits),
        current=current,
        min=0,
        max=top,
        low=round(asked.minimum.get(name, 0.0), digits),
        high=round(asked.maximum.get(name, top), digits),
        step=10.0**-digits if digits else 1,
        is_locked=name in asked.locked,
    )


def _as_typed(slider: SliderChannel, typed: Mapping[str, str]) -> SliderChannel:
    """The slider as it stood when the form was refused."""
    return replace(
        slider,
        value=_number(typed.get(f"value.{slider.key}", ""), slider.value),
        low=_number(typed.get(f"low.{slider.key}", ""), slider.low),
        high=_number(typed.get(f"high.{slider.key}", ""), slider.high),
        is_locked=bool(typed.get(f"lock.{slider.key}")),
    )


def _number(typed: str, otherwise: float) -> float:
    try:
        value = float(typed)
    except ValueError:
        return otherwise
    return value if math.isfinite(value) else otherwise


def _rounded_up(value: float, digits: int) -> float:
    """A round end for a slider: two figures, at least one step."""
    power = 10.0 ** max(math.floor(math.log10(max(value, 1e-9))) - 1, -digits)
    return round(math.ceil(value / power - 1e-9) * power, digits)
