"""Adding up what a shop or an analytics property tells (orders, rows) to revenue days."""

from collections.abc import Iterable
from datetime import date

from adloom_sdk.records import Account, RevenueDay

_FIELDS = ("revenue_micros", "orders", "new_customers", "returning_customers", "sessions")


class RevenueTally:
    """Sums per day and source. `tells` names the figures that the platform knows: on a day without any they are 0, not None.

    Each day gets a record without source, too, so that what the platform moves from there to a source later on leaves nothing
    behind: the record of no source then comes again, with what is left.
    """

    def __init__(self, account: Account, *, tells: tuple[str, ...]) -> None:
        self._account = account
        self._nothing: dict[str, float | None] = dict.fromkeys((*tells, "revenue_micros"), 0)
        self._cells: dict[tuple[date, str], dict[str, float | None]] = {}

    def add(
        self,
        day: date,
        source: str,
        *,
        revenue_micros: int = 0,
        orders: float | None = None,
        new_customers: int | None = None,
        returning_customers: int | None = None,
        sessions: int | None = None,
    ) -> None:
        """Add to a day's source; None adds nothing, and stays None where nothing else comes."""
        cell = self._cells.setdefault((day, source), {})
        values = (revenue_micros, orders, new_customers, returning_customers, sessions)
        for name, value in zip(_FIELDS, values, strict=True):
            if value is not None:
                cell[name] = (cell.get(name) or 0) + value

    def take(self, days: Iterable[date]) -> list[RevenueDay]:
        """The records of days that are whole now; the tally forgets them."""
        wanted = set(days)
        for day in wanted:
            self._cells.setdefault((day, ""), dict(self._nothing))
        keys = sorted(key for key in self._cells if key[0] in wanted)
        return [self._record(*key, self._cells.pop(key)) for key in keys]

    def _record(self, day: date, source: str, cell: dict[str, float | None]) -> RevenueDay:
        orders = cell.get("orders")
        return RevenueDay(
            account_id=self._account.id,
            day=day,
            currency=self._account.currency,
            source=source,
            revenue_micros=int(cell.get("revenue_micros") or 0),
            orders=None if orders is None else round(float(orders), 6),
            new_customers=_whole(cell.get("new_customers")),
            returning_customers=_whole(cell.get("returning_customers")),
            sessions=_whole(cell.get("sessions")),
        )


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
