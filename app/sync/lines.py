"""Daily records as the lines that PostgreSQL copies: the one loop that sees every row, so it is written for speed."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import msgspec

from adloom_sdk.errors import ConnectorBug, SchemaDrift
from adloom_sdk.records import DailyMetric, Finality, RevenueDay
from app.sync.planning import Window, finality_of

_NULL = "\\N"
_TOLD = {Finality.PROVISIONAL: 0, Finality.SETTLING: 1, Finality.FINAL: 2}


class DayLines:
    """Turns one window's records into lines, and remembers in `seen` which days of which entity came: a bit for each day."""

    def __init__(
        self, window: Window, *, today: date, restatement_days: int, seen: dict[int, int] | None = None
    ) -> None:
        self.seen: dict[int, int] = seen if seen is not None else {}
        self._window = window
        # Per day: as text, its bit, and its finality where the platform does not tell it.
        self._days = {
            day: (day.isoformat(), 1 << offset, finality_of(day, today=today, restatement_days=restatement_days))
            for offset in range(window.days)
            for day in [window.since + timedelta(days=offset)]
        }

    def lines(self, records: Iterable[DailyMetric], numbers: Mapping[str, int]) -> Iterable[str]:
        """One line per entity and day; of two records for the same, the last one wins."""
        days, seen, null = self._days, self.seen, _NULL
        found: dict[tuple[int, str], str] = {}
        try:
            for one in records:
                number = numbers[one.entity_id]
                day, bit, finality = days[one.day]
                if one.finality is not None:
                    finality = _TOLD[one.finality]
                seen[number] = seen.get(number, 0) | bit
                found[number, day] = (
                    f"{number}\t{day}\t{one.spend_micros}"
                    f"\t{null if one.impressions is None else one.impressions}"
                    f"\t{null if one.clicks is None else one.clicks}"
                    f"\t{null if one.conversions is None else one.conversions}"
                    f"\t{null if one.conversion_value_micros is None else one.conversion_value_micros}"
                    f"\t{null if one.video_views is None else one.video_views}"
                    f"\t{null if one.reach is None else one.reach}"
                    f"\t{_extras(one.extras) if one.extras else null}\t{finality}\n"
                )
        except KeyError as stray:
            asked = f"{self._window.since:%-d %B %Y} to {self._window.until:%-d %B %Y}"
            raise ConnectorBug(f"The connector handed over {stray.args[0]}, but was asked for {asked}.") from None
        return found.values()


def require_currency(records: Iterable[DailyMetric | RevenueDay], currency: str) -> None:
    """Amounts of another currency than the account's must not be added to it."""
    others = {one.currency for one in records} - {currency, ""}
    if others:
        raise SchemaDrift(
            f"The account's currency is {currency}, but the platform told amounts in {sorted(others)[0]}."
        )


def _extras(extras: Mapping[str, float]) -> str:
    # COPY's text format has its own backslashes.
    return msgspec.json.encode(extras).decode().replace("\\", "\\\\")
