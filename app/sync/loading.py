"""Bringing what was read into the tables: one part at a time, with the cursor, in the caller's transaction.

Safe to run twice: everything is keyed by what the platform calls it, and equal values change nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from adloom_sdk.errors import ConnectorBug
from adloom_sdk.messages import Kind
from adloom_sdk.records import Ad, AdGroup, AnyRecord, Campaign, Creative, DailyMetric, Level, RevenueDay
from app.campaigns.days import Changed, DayTable, merge_days, remove_vanished
from app.campaigns.entities import (
    Numbers,
    Owner,
    ensure_ads,
    ensure_campaigns,
    mark_unlisted,
    put_ad_groups,
    put_ads,
    put_campaigns,
    put_creatives,
)
from app.campaigns.revenue import replace_revenue
from app.sync.cursors import mark_whole, save_cursor
from app.sync.lines import DayLines, require_currency
from app.sync.planning import Window, finality_of
from kit.ids import new_id

_TABLES = {Level.CAMPAIGN: DayTable.CAMPAIGN, Level.AD: DayTable.AD}
R = TypeVar("R", bound=AnyRecord)


@dataclass(frozen=True)
class Part:
    """Some of a window's records, in the order in which they came. `checkpoint` is the newest one that they reach."""

    window: Window
    records: Sequence[AnyRecord]
    checkpoint: dict[str, Any] | None = None
    is_last: bool = False


@dataclass
class Loader:
    """Loads one account's parts. `today` is the account's day on which the run began."""

    owner: Owner
    numbers: Numbers
    today: date
    restatement_days: int
    rows_read: int = 0
    changed: Changed = field(default_factory=Changed)
    _lines: dict[Window, DayLines] = field(default_factory=dict)
    _revenue: dict[Window, list[RevenueDay]] = field(default_factory=dict)
    _listed: dict[Window, set[str]] = field(default_factory=dict)

    def begin(self, window: Window, seen: dict[int, int] | None = None, *, is_resumed: bool = False) -> None:
        """Start a window, or go on after what is `seen`."""
        self._revenue.pop(window, None)
        self._listed.pop(window, None)
        if not is_resumed:
            # Only a list that is read from its start tells what it no longer has.
            self._listed[window] = set()
        self._lines[window] = DayLines(window, today=self.today, restatement_days=self.restatement_days, seen=seen)

    def load(self, session: Session, part: Part) -> Changed:
        """Store a part; returns which days of numbers changed."""
        self.rows_read += len(part.records)
        if part.window.kind is Kind.DAILY:
            changed = self._load_days(session, part)
        elif part.window.kind is Kind.REVENUE:
            changed = self._load_revenue(session, part)
        else:
            changed = Changed(self._load_entities(session, part))
        self._keep_place(session, part)
        self.changed += changed
        return changed

    def _load_days(self, session: Session, part: Part) -> Changed:
        records = _all_of(DailyMetric, part)
        require_currency(records, self.owner.currency)
        table = _TABLES[part.window.level or Level.CAMPAIGN]
        numbers = self._numbers_of(session, table, records)
        lines = self._lines[part.window]
        changed = Changed()
        if records:
            changed = merge_days(session, table, run_id=new_id(), lines=lines.lines(records, numbers))
        if part.is_last:
            window = part.window
            changed += remove_vanished(
                session,
                table,
                account_id=self.owner.account_id,
                since=window.since,
                until=window.until,
                seen=lines.seen,
            )
            del self._lines[window]
        return changed

    def _numbers_of(self, session: Session, table: DayTable, records: Sequence[DailyMetric]) -> dict[str, int]:
        """The map of the level, after making sure that it knows every entity."""
        if table is DayTable.CAMPAIGN:
            known = self.numbers.campaigns
            if unknown := {one.entity_id for one in records if one.entity_id not in known}:
                ensure_campaigns(session, self.owner, self.numbers, unknown)
            return known
        known = self.numbers.ads
        if unlisted := {one.entity_id: one.campaign_id for one in records if one.entity_id not in known}:
            ensure_ads(session, self.owner, self.numbers, unlisted)
        return known

    def _load_revenue(self, session: Session, part: Part) -> Changed:
        window = part.window
        records = _all_of(RevenueDay, part)
        require_currency(records, self.owner.currency)
        gathered = self._revenue.setdefault(window, [])
        gathered += records
        if not part.is_last:
            return Changed()
        return replace_revenue(
            session,
            account_id=self.owner.account_id,
            since=window.since,
            until=window.until,
            records=self._revenue.pop(window),
            finality=lambda day: finality_of(day, today=self.today, restatement_days=self.restatement_days),
        )

    def _load_entities(self, session: Session, part: Part) -> int:
        changed = self._put_entities(session, part)
        listed = self._listed.get(part.window)
        if listed is None or part.window.kind is Kind.CREATIVES:
            return changed
        listed.update(one.id for one in part.records if isinstance(one, Campaign | AdGroup | Ad))
        if part.is_last:
            name, known = self._known_of(part.window.kind)
            changed += mark_unlisted(session, name, known=known, listed=self._listed.pop(part.window))
        return changed

    def _known_of(self, kind: Kind) -> tuple[str, dict[str, int]]:
        if kind is Kind.CAMPAIGNS:
            return "campaigns", self.numbers.campaigns
        return ("ad_groups", self.numbers.ad_groups) if kind is Kind.AD_GROUPS else ("ads", self.numbers.ads)

    def _put_entities(self, session: Session, part: Part) -> int:
        owner, numbers = self.owner, self.numbers
        if part.window.kind is Kind.CAMPAIGNS:
            return put_campaigns(session, owner, numbers, _all_of(Campaign, part))
        if part.window.kind is Kind.AD_GROUPS:
            return put_ad_groups(session, owner, numbers, _all_of(AdGroup, part))
        if part.window.kind is Kind.ADS:
            return put_ads(session, owner, numbers, _all_of(Ad, part))
        return put_creatives(session, owner, _all_of(Creative, part))

    def _keep_place(self, session: Session, part: Part) -> None:
        window, account_id = part.window, self.owner.account_id
        if part.is_last:
            mark_whole(session, account_id=account_id, name=window.name, since=window.since, until=window.until)
        elif part.checkpoint is not None and window.kind is not Kind.REVENUE:
            lines = self._lines.get(window)
            save_cursor(
                session,
                account_id=account_id,
                name=window.name,
                since=window.since,
                until=window.until,
                checkpoint=part.checkpoint,
                seen=lines.seen if lines else {},
            )


def _all_of(kind: type[R], part: Part) -> Sequence[R]:
    """The part's records, all of the kind that was asked for."""
    if all(type(one) is kind for one in part.records):
        return part.records  # type: ignore[return-value]  # checked in the line above
    raise ConnectorBug(f"The connector was asked for {part.window.kind} and handed over something else.")
