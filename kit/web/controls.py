"""What the larger macros of `templates/components` take: the period picker and the optimiser's sliders."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class PeriodChoice:
    """For `period_picker` of `components/navigation.html`; every choice is a URL."""

    label: str  # "Last 30 days"
    start_on: date
    end_on: date
    action: str  # where the form with `from`, `to` and `compare` goes (GET)
    presets: tuple[tuple[str, str, bool], ...] = ()  # label, href, is_current
    comparisons: tuple[tuple[str, str, bool], ...] = ()  # value, label, is_current
    keep: tuple[tuple[str, str], ...] = ()  # parameters to carry along
    earlier_href: str = ""
    later_href: str = ""


@dataclass(frozen=True)
class SliderChannel:
    """For `channel_sliders` of `components/optimiser.html`; spend a day in units of the currency."""

    key: str
    name: str
    slot: int
    value: float
    current: float
    min: float
    max: float
    low: float
    high: float
    step: float = 1.0
    is_locked: bool = False
