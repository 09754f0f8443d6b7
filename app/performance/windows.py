"""Periods: presets and dates from the URL, the period before, and the same weekdays a year ago."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from kit.errors import FieldError, InvalidInput

# 52 whole weeks, so that Mondays are compared with Mondays.
YEAR_AGO_DAYS = 364
PRESETS: dict[str, str] = {
    "last_7_days": "Last 7 days",
    "last_30_days": "Last 30 days",
    "last_90_days": "Last 90 days",
    "this_month": "This month",
    "last_month": "Last month",
    "this_year": "This year",
    "last_12_months": "Last 12 months",
    "all_time": "All time",
}
DEFAULT_PRESET = "last_30_days"
_ROLLING_DAYS = {"last_7_days": 7, "last_30_days": 30, "last_90_days": 90, "last_12_months": 365}
# A chart has at most this many points, however long its period is.
_MOST_POINTS = 120


class Comparison(StrEnum):
    """What a period is compared with, as the address spells it."""

    PREVIOUS = "previous"
    LAST_YEAR = "last_year"
    NONE = "none"


class Step(StrEnum):
    """How much time one point of a chart stands for."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Window:
    """Whole days, both ends included."""

    since: date
    until: date
    preset: str | None = None

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.until - self.since).days + 1

    @property
    def label(self) -> str:
        """Its name, or its dates."""
        if self.preset:
            return PRESETS[self.preset]
        return f"{self.since:%-d %b %Y} – {self.until:%-d %b %Y}"

    def before(self) -> "Window":
        """The period of the same length just before."""
        return Window(self.since - timedelta(days=self.days), self.since - timedelta(days=1))

    def year_ago(self) -> "Window":
        """The same weekdays 52 weeks earlier."""
        shift = timedelta(days=YEAR_AGO_DAYS)
        return Window(self.since - shift, self.until - shift)

    def steps(self, step: Step) -> "tuple[Window, ...]":
        """Its days, weeks counted from its first day, or calendar months; the ones at its ends may be shorter."""
        starts = [self.since]
        while (following := _following(starts[-1], step)) <= self.until:
            starts.append(following)
        ends = [start - timedelta(days=1) for start in starts[1:]] + [self.until]
        return tuple(Window(start, end) for start, end in zip(starts, ends, strict=True))

    def clipped(self, earliest: date) -> "Window":
        """The part from `earliest` on; unchanged where nothing is cut."""
        if self.since >= earliest:
            return self
        return Window(earliest, max(self.until, earliest), None)


def step_for(window: Window) -> Step:
    """The finest step that keeps a chart of the window readable."""
    if window.days <= _MOST_POINTS:
        return Step.DAY
    return Step.WEEK if window.days <= _MOST_POINTS * 7 else Step.MONTH


def _following(start: date, step: Step) -> date:
    if step is Step.MONTH:
        return (start.replace(day=1) + timedelta(days=32)).replace(day=1)
    return start + timedelta(days=7 if step is Step.WEEK else 1)


def preset_window(preset: str, *, last_day: date, first_day: date | None = None) -> Window:
    """A preset that ends on `last_day`; `all_time` starts at `first_day`."""
    if preset in _ROLLING_DAYS:
        return Window(last_day - timedelta(days=_ROLLING_DAYS[preset] - 1), last_day, preset)
    if preset == "this_month":
        return Window(last_day.replace(day=1), last_day, preset)
    if preset == "last_month":
        end = last_day.replace(day=1) - timedelta(days=1)
        return Window(end.replace(day=1), end, preset)
    if preset == "this_year":
        return Window(last_day.replace(month=1, day=1), last_day, preset)
    if preset == "all_time":
        return Window(min(first_day or last_day, last_day), last_day, preset)
    raise InvalidInput(
        f"There is no period called “{preset}”.",
        f"Use one of: {', '.join(PRESETS)}; or give from and to.",
        [FieldError("unknown", "period")],
    )


def explicit_window(since: date, until: date) -> Window:
    """A period by its dates."""
    if since > until:
        raise InvalidInput(
            f"The period ends ({until}) before it starts ({since}).",
            "Swap the two dates.",
            [FieldError("is before the start", "to")],
        )
    if (until - since).days > 3660:
        raise InvalidInput(
            "A period can have ten years at most.", "Choose a shorter one.", [FieldError("too long", "from")]
        )
    return Window(since, until)
