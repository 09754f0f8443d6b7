"""What an address asks of the list of campaigns: filters, order, page, columns. The same for page, files and API."""

from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

from litestar.di import Provide
from litestar.params import FromQuery, QueryParameter

from app.performance.catalogue import METRICS
from kit.errors import FieldError, InvalidInput

STATUSES = {
    "active": "Active",
    "paused": "Paused",
    "ended": "Ended",
    "planned": "Planned",
    "removed": "Removed",
    "other": "Other",
}
# What the filter of platforms calls campaigns that live here only.
PLANS = "plans"
DEFAULT_SORT = "-spend"
PAGE_SIZE, MOST_ROWS = 50, 10_000
METRIC_COLUMNS = (
    "spend",
    "impressions",
    "clicks",
    "ctr",
    "cpc",
    "cpm",
    "conversions",
    "conversion_rate",
    "cpa",
    "revenue",
    "roas",
)
PLAIN_COLUMNS = {
    "status": "Status",
    "platform": "Platform",
    "channel": "Channel",
    "account": "Account",
    "budget": "Daily budget",
}
COLUMNS = (*PLAIN_COLUMNS, *METRIC_COLUMNS)
# What stands on one screen without scrolling sideways; the other columns are a choice.
DEFAULT_COLUMNS = ("status", "platform", "budget", "spend", "conversions", "cpa", "revenue", "roas")
SORTS = ("name", *COLUMNS)


@dataclass(frozen=True)
class Asked:
    """Filters, order and place in the list. Spend bounds are in units of each campaign's own currency."""

    q: str = ""
    status: str = ""
    platform: str = ""
    channel: str = ""
    account: UUID | None = None
    min_spend: float | None = None
    max_spend: float | None = None
    sort: str = DEFAULT_SORT
    page: int = 1
    columns: tuple[str, ...] = DEFAULT_COLUMNS

    @property
    def sort_key(self) -> str:
        """The column that it is sorted by."""
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        """From the top down."""
        return self.sort.startswith("-")

    @property
    def is_filtered(self) -> bool:
        """True where something is left out by choice."""
        return replace(self, sort=DEFAULT_SORT, page=1, columns=DEFAULT_COLUMNS) != Asked()

    def parameters(self) -> dict[str, str]:
        """As the address says it, without what is usual and without the page."""
        said = {
            "q": self.q,
            "status": self.status,
            "platform": self.platform,
            "channel": self.channel,
            "account": str(self.account) if self.account else "",
            "min_spend": _plain(self.min_spend),
            "max_spend": _plain(self.max_spend),
            "sort": self.sort if self.sort != DEFAULT_SORT else "",
            "columns": ",".join(self.columns) if self.columns != DEFAULT_COLUMNS else "",
        }
        return {name: value for name, value in said.items() if value}


Columns = Annotated[list[str] | None, QueryParameter(name="columns")]


def asked_campaigns(
    q: FromQuery[str] = "",
    status: FromQuery[str] = "",
    platform: FromQuery[str] = "",
    channel: FromQuery[str | None] = None,
    account: FromQuery[str] = "",
    min_spend: FromQuery[str] = "",
    max_spend: FromQuery[str] = "",
    sort: FromQuery[str] = DEFAULT_SORT,
    page: FromQuery[int] = 1,
    columns: Columns = None,
) -> Asked:
    """Empty means all, as forms send what was left empty; an unknown order means the usual one."""
    return Asked(
        q=q.strip()[:200],
        status=_known("status", status, STATUSES),
        platform=platform[:100],
        channel=(channel or "")[:100],
        account=_uuid(account),
        min_spend=_amount("min_spend", min_spend),
        max_spend=_amount("max_spend", max_spend),
        sort=sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT,
        page=max(1, min(page, 100_000)),
        columns=_columns(columns),
    )


ASKED_CAMPAIGNS = {"listed": Provide(asked_campaigns, sync_to_thread=False)}


def _columns(given: list[str] | None) -> tuple[str, ...]:
    chosen = {key for part in given or [] for key in part.split(",")}
    return tuple(key for key in COLUMNS if key in chosen) or DEFAULT_COLUMNS


def _known(field: str, value: str, known: dict[str, str]) -> str:
    if value and value not in known:
        raise InvalidInput(
            f"There is no {field} “{value}”.",
            f"Use one of: {', '.join(known)}.",
            [FieldError("is unknown", field, value=value)],
        )
    return value


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value) if value else None
    except ValueError:
        raise InvalidInput(
            "There is no such account.", "Choose one from the list.", [FieldError("is unknown", "account", value=value)]
        ) from None


def _amount(field: str, value: str) -> float | None:
    try:
        amount = float(value) if value.strip() else None
    except ValueError:
        amount = -1.0
    if amount is not None and not 0 <= amount < 1e12:
        raise InvalidInput(
            "The spend is no amount.",
            "Enter a number such as 250.",
            [FieldError("Enter a number.", field, value=value)],
        )
    return amount


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def label_of(column: str) -> str:
    """A column's heading. What platforms claim conversions are worth is no revenue of the business, so it is named apart."""
    if column in PLAIN_COLUMNS:
        return PLAIN_COLUMNS[column]
    return "Value" if column == "revenue" else METRICS[column].label


def explanation_of(column: str) -> str:
    """What a column means."""
    if column == "revenue":
        return "What the platform says the conversions were worth."
    if column == "roas":
        return "Return on ad spend: the platform's value of conversions divided by spend."
    return METRICS[column].explanation if column in METRICS else ""
