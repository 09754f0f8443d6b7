"""What an insight is made of, and the facts that all of them are told from."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode

from app.campaigns.platform_models import Campaign
from app.performance.campaigns.insight_queries import Reading, ToldDay
from app.performance.campaigns.wording import platform_title
from app.performance.catalogue import Unit
from app.performance.windows import Window
from kit.format import moment, money
from kit.money import MICROS


class Certainty(StrEnum):
    """How sure an insight is: counted, beyond the noise of the days, or within it."""

    FACT = "fact"
    CLEAR = "clear"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True)
class Figure:
    """A number that the sentence rests on; money in micros of the campaign's currency, shares and changes as fractions."""

    name: str
    value: float | int
    unit: str


@dataclass(frozen=True)
class Suggestion:
    """What to do about it: a page that shows what it would change before anything is asked for, or that tells more."""

    label: str
    href: str
    is_change: bool = False


@dataclass(frozen=True)
class Insight:
    """One thing that is worth knowing."""

    kind: str
    tone: str
    certainty: Certainty
    sentence: str
    figures: tuple[Figure, ...]
    period: Window
    source: str
    suggestion: Suggestion | None = None


@dataclass(frozen=True)
class Told:
    """A campaign, what its platform told of the period and of the one before, and where its pages lie."""

    campaign: Campaign
    platform: str
    window: Window
    days: Sequence[ToldDay]
    days_before: Sequence[ToldDay]
    reading: Reading | None
    base: str

    @property
    def finished(self) -> list[ToldDay]:
        """The period's days that are over; today's numbers are of part of a day."""
        return [one for one in self.days if one.finality > 0]

    @property
    def has_own_budget(self) -> bool:
        """Whether its daily budget could be changed from here."""
        return self.campaign.daily_budget_micros is not None and self.campaign.budget_owner == "campaign"

    def source(self, what: str = "Campaign days") -> str:
        """Where the numbers come from."""
        if self.reading is None:
            return what
        read_at = self.reading.state.synced_at if self.reading.state else None
        when = f", read {moment(read_at)}" if read_at else ""
        return f"{what} of {self.platform}, account {self.reading.account.name}{when}"

    def price(self, units: float) -> str:
        """Money as text, from units of the campaign's currency."""
        return money(round(units * MICROS), self.campaign.currency)

    def pause(self) -> Suggestion | None:
        """The preview of pausing it."""
        return self._change("Preview pausing it", kind="pause") if self.campaign.status == "active" else None

    def budget_step(self, typed: str) -> Suggestion | None:
        """The preview of another daily budget, `-20 %` say."""
        if not self.has_own_budget or self.campaign.status != "active":
            return None
        return self._change(f"Preview a daily budget of {typed}", kind="set_daily_budget", budget=typed)

    def look(self, label: str, anchor: str = "", **query: str) -> Suggestion:
        """Its own page."""
        asked = f"?{urlencode(query)}" if query else ""
        return Suggestion(label, f"{self.base}/campaigns/{self.campaign.id}{asked}{anchor}")

    def _change(self, label: str, **query: str) -> Suggestion:
        asked = urlencode({"campaign": str(self.campaign.id), **query})
        return Suggestion(label, f"{self.base}/campaigns/change?{asked}", is_change=True)


def micros(name: str, units: float) -> Figure:
    """Money from units."""
    return Figure(name, round(units * MICROS), Unit.MONEY.value)


def share(name: str, value: float) -> Figure:
    """A part of a whole, or a change."""
    return Figure(name, round(value, 6), Unit.SHARE.value)


def number(name: str, value: float) -> Figure:
    """A count."""
    return Figure(name, round(value, 6), Unit.COUNT.value)


def told_of(campaign: Campaign, titles: dict[str, str]) -> str:
    """What its platform is called."""
    return platform_title(campaign.connector_key, titles)
