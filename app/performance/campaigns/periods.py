"""Addresses and the period picker of the campaigns' pages: the period stands in the URL beside filters and order."""

from collections.abc import Mapping
from datetime import date, timedelta
from urllib.parse import urlencode

from app.performance.queries import Extent
from app.performance.service import PeriodRequest
from app.performance.windows import PRESETS, Window
from kit.web.controls import PeriodChoice


def address(path: str, *parameters: Mapping[str, str]) -> str:
    """A path with parameters; empty ones are left out."""
    said = {name: value for part in parameters for name, value in part.items() if value}
    return f"{path}?{urlencode(said)}" if said else path


def period_parameters(period: PeriodRequest, window: Window) -> dict[str, str]:
    """The period as the URL said it: a preset stays one, so that a kept link moves on with time."""
    if period.since is not None or period.until is not None:
        return _dates(window.since, window.until)
    return {"period": period.preset} if period.preset else {}


def period_choice(window: Window, known: Extent, *, here: str, keep: Mapping[str, str]) -> PeriodChoice:
    """What the picker offers, with `keep` carried along."""
    return PeriodChoice(
        label=window.label,
        presets=tuple(
            (label, address(here, {"period": preset}, keep), preset == window.preset)
            for preset, label in PRESETS.items()
        ),
        start_on=window.since,
        end_on=window.until,
        action=here,
        keep=tuple(keep.items()),
        earlier_href=_shifted(window, known, here, keep, -window.days),
        later_href=_shifted(window, known, here, keep, window.days),
    )


def _shifted(window: Window, known: Extent, here: str, keep: Mapping[str, str], days: int) -> str:
    since, until = (bound + timedelta(days=days) for bound in (window.since, window.until))
    if known.first_day is None or known.last_day is None or until < known.first_day or since > known.last_day:
        return ""
    return address(here, _dates(since, until), keep)


def _dates(since: date, until: date) -> dict[str, str]:
    return {"from": since.isoformat(), "to": until.isoformat()}
