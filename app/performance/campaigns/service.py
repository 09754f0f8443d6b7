"""The list of campaigns: a page of rows with metrics, and totals in the workspace's currency."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.performance.campaigns.asking import METRIC_COLUMNS, PAGE_SIZE, Asked
from app.performance.campaigns.queries import BASE_COLUMNS, Found, converted_sums, find_campaigns, known_extent
from app.performance.catalogue import METRICS
from app.performance.queries import Extent
from app.performance.service import Notice, PeriodRequest, Value, choose_window
from app.performance.windows import Window
from billing.plans import Plan
from kit.format import plural

Sums = Mapping[str, int | float | None]
NO_RATE = "There is no exchange rate for {codes}: what was spent there is not in the totals."


@dataclass(frozen=True)
class CampaignRow:
    """A campaign with its metrics; money, budgets included, in micros of its own currency."""

    number: int
    id: UUID
    name: str
    status: str
    raw_status: str
    platform: str | None
    account_id: UUID | None
    account: str | None
    channel_key: str
    channel: str
    slot: int
    currency: str
    daily_budget_micros: int | None
    lifetime_budget_micros: int | None
    budget_owner: str
    values: dict[str, Value]

    @property
    def is_plan(self) -> bool:
        """True for a campaign that lives here only."""
        return self.account_id is None


@dataclass(frozen=True)
class CampaignList:
    """A page of the list. `totals` are of everything that the filters leave, in `currency`."""

    window: Window
    rows: tuple[CampaignRow, ...]
    found: int
    page: int
    pages: int
    totals: dict[str, Value]
    currency: str
    known: Extent
    notices: tuple[Notice, ...]


def list_campaigns(
    session: Session,
    *,
    asked: Asked,
    period: PeriodRequest,
    plan: Plan,
    currency: str,
    today: date,
    limit: int = PAGE_SIZE,
    offset: int | None = None,
) -> CampaignList:
    """A page of the list over a period that is clipped to the history that the plan shows."""
    known = known_extent(session)
    window, notices = choose_window(known, period=period, plan=plan, today=today)
    start = (asked.page - 1) * limit if offset is None else offset
    found = find_campaigns(session, asked, window=window, currency=currency, limit=limit, offset=start)
    totals, missing = _totals(session, found, asked, window, currency)
    if missing:
        notices.append(Notice(NO_RATE.format(codes=", ".join(missing))))
    counted = sum(total["campaigns"] for total in found.totals)
    return CampaignList(
        window=window,
        rows=tuple(campaign_row(row) for row in found.rows),
        found=counted,
        page=start // limit + 1,
        pages=max(1, -(-counted // limit)),
        totals=totals,
        currency=currency,
        known=known,
        notices=tuple(notices),
    )


def metric_values(sums: Sums) -> dict[str, Value]:
    """Every metric of campaigns from summed bases."""
    return {key: METRICS[key].value(sums) for key in METRIC_COLUMNS}


def found_text(listed: CampaignList) -> str:
    """How many there are."""
    return plural(listed.found, "campaign")


def campaign_row(row: Mapping[str, Any]) -> CampaignRow:
    """A row of the list from what its query gives."""
    return CampaignRow(
        number=row["number"],
        id=row["id"],
        name=row["name"],
        status=row["status"],
        raw_status=row["raw_status"],
        platform=row["connector_key"],
        account_id=row["account_id"],
        account=row["account_name"],
        channel_key=row["channel_key"],
        channel=row["channel_name"],
        slot=row["slot"],
        currency=row["currency"],
        daily_budget_micros=row["daily_budget_micros"],
        lifetime_budget_micros=row["lifetime_budget_micros"],
        budget_owner=row["budget_owner"],
        values=metric_values({base: row[base] for base in BASE_COLUMNS}),
    )


def _totals(
    session: Session, found: Found, asked: Asked, window: Window, currency: str
) -> tuple[dict[str, Value], list[str]]:
    """Metrics over everything found, and the currencies that cannot be counted for want of a rate."""
    foreign = [total["currency"] for total in found.totals if total["currency"] != currency and total["spend_micros"]]
    converted = converted_sums(session, asked, window=window, currency=currency) if foreign else {}
    parts: list[dict[str, int | float | None]] = []
    missing = []
    for total in found.totals:
        bases = {base: total[base] for base in BASE_COLUMNS}
        if total["currency"] in foreign:
            money = converted.get(total["currency"])
            if money is None:
                missing.append(total["currency"])
                continue
            bases |= {"spend_micros": money[0], "revenue_micros": money[1]}
        parts.append(bases)
    return metric_values(added(parts)), sorted(missing)


def added(parts: list[dict[str, int | float | None]]) -> dict[str, int | float | None]:
    """Sums of parts; unknown only where every part is."""
    sums: dict[str, int | float | None] = {}
    for base in BASE_COLUMNS:
        known = [value for part in parts if (value := part[base]) is not None]
        sums[base] = sum(known) if known else None
    return sums
