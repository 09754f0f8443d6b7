"""From a recognised file about customers to what it tells, in batches and flat memory; a row with a problem says which and why.

`CustomerReading` is one pass over a file: events where it has a column of days, else customers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.customers.taking import Contact
from app.customers.telling import MOST_LETTERS, MOST_PROPERTIES, Given, Rules, Told, checked, contact_problems
from app.imports.content import Source
from app.imports.customer_cells import Amount, amount_reader, kind_of, moment_reader, tidy
from app.imports.customer_columns import Columns, CustomerField, has_events
from app.imports.reader import MAX_ROWS, Memo
from app.imports.records import batches_of
from app.imports.refusals import FileTooLarge
from app.imports.seen import SeenRows
from app.imports.shape import OWN_COLUMNS, Cell, FileShape, Problem, as_text
from kit.errors import FieldError

SOURCE = "file"
_READ_OTHERWISE = (CustomerField.HAPPENED_AT, CustomerField.VALUE)
_MEMO_LIMIT = 20_000


@dataclass
class CustomerBatch:
    """What some rows tell, and what is wrong with others. `repeated` counts rows that say what an earlier row has said."""

    told: list[Told] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    errors: list[FieldError] = field(default_factory=list)
    rows_read: int = 0
    rows_rejected: int = 0
    repeated: int = 0


class CustomerReading:
    """One pass over a file, to be iterated once."""

    def __init__(
        self,
        source: Source,
        shape: FileShape,
        columns: Columns,
        rules: Rules,
        *,
        max_rows: int = MAX_ROWS,
    ) -> None:
        self._source, self._shape, self._rules, self._max_rows = source, shape, rules, max_rows
        names = [name.strip() for name in shape.header]
        self._places = {meaning: names.index(name.strip()) for meaning, name in columns.items()}
        # What checking takes as text goes under the same names there.
        self._texts = [(one.value, place) for one, place in self._places.items() if one not in _READ_OTHERWISE]
        self._by_email = self._places.get(CustomerField.CUSTOMER) == self._places.get(CustomerField.EMAIL)
        self._has_events = has_events(columns)
        used = set(self._places.values())
        self._rest = [
            (place, name) for place, name in enumerate(names) if name and place not in used and name not in OWN_COLUMNS
        ][:MOST_PROPERTIES]
        self._moments = Memo(moment_reader(shape.day_order, zone=rules.zone))
        self._amounts = Memo(amount_reader(shape, own=rules.converter.currency))
        self._keys, self._rows = SeenRows(), SeenRows()
        self._rows_read = 0

    def __iter__(self) -> Iterator[CustomerBatch]:
        for raw in batches_of(self._source, self._shape):
            batch = CustomerBatch()
            kept: list[tuple[int, Told | Contact]] = []
            for number, row in zip(raw.numbers, raw.rows, strict=True):
                if any(as_text(cell).strip() for cell in row):
                    self._read(number, row, batch, kept)
            self._keep_once(kept, batch)
            self._rows_read += batch.rows_read
            if self._rows_read > self._max_rows:
                raise FileTooLarge(
                    f"The file has more than {self._max_rows:,} rows.", "Split it, by year say, and upload the parts."
                )
            for memo in (self._moments, self._amounts):
                if len(memo) > _MEMO_LIMIT:
                    memo.clear()
            yield batch

    def _read(
        self, number: int, row: Sequence[Cell], batch: CustomerBatch, kept: list[tuple[int, Told | Contact]]
    ) -> None:
        batch.rows_read += 1
        if any(cell != "" for cell in row[len(self._shape.header) :]):
            found: Told | Contact | list[FieldError] = [
                FieldError(
                    "The row has more cells than the header. Put text that holds the delimiter in quotation marks."
                )
            ]
        else:
            found = self._event(row) if self._has_events else self._contact(row)
        if isinstance(found, list):
            batch.rows_rejected += 1
            batch.errors += [FieldError(one.message, self._column_of(one.field), number) for one in found]
        else:
            kept.append((number, found))

    def _event(self, row: Sequence[Cell]) -> Told | list[FieldError]:
        moment: datetime | Problem = self._moments[self._cell(row, CustomerField.HAPPENED_AT)]
        amount: Amount | Problem = self._amounts[self._cell(row, CustomerField.VALUE)]
        if isinstance(moment, Problem):
            return [FieldError(moment.message, CustomerField.HAPPENED_AT)]
        if isinstance(amount, Problem):
            return [FieldError(amount.message, CustomerField.VALUE)]
        value, sign = amount
        said = self._said(row)
        kind = self._kind(said.get("kind", ""), value, said.get("channel", ""))
        if value is not None and value < 0 and kind in {"order", "refund"}:
            kind, value = "refund", -value
        currency = said.get("currency") or sign
        parts: dict[str, Any] = said | {"kind": kind, "currency": currency, "customer": said.get("customer", "")}
        return checked(Given(**parts, happened_at=moment, value_micros=value), self._rules)

    def _contact(self, row: Sequence[Cell]) -> Contact | list[FieldError]:
        who = self._said(row)
        customer, name = who.get("customer", ""), who.get("customer_name", "")
        email, country = who.get("email", ""), who.get("country", "")
        if problems := contact_problems(customer=customer, name=name, email=email, country=country):
            return problems
        rest = ((label, tidy(row[place])) for place, label in self._rest if place < len(row))
        attributes = tuple((label[:MOST_LETTERS], value[:MOST_LETTERS]) for label, value in rest if value)
        return Contact(customer, name, email, country, attributes)

    def _said(self, row: Sequence[Cell]) -> dict[str, str]:
        """The row's texts by what they mean."""
        said = {name: tidy(row[place]) for name, place in self._texts if place < len(row)}
        if self._by_email:
            said["customer"] = said["customer"].lower()
        return said

    def _kind(self, said: str, value: int | None, channel: str) -> str:
        """What the row says; where it says nothing, a value makes an order of it and a channel alone a touch."""
        if said:
            return kind_of(said)
        return "touch" if value is None and channel and CustomerField.VALUE not in self._places else "order"

    def _cell(self, row: Sequence[Cell], meaning: CustomerField) -> Cell:
        place = self._places.get(meaning)
        return row[place] if place is not None and place < len(row) else ""

    def _column_of(self, name: str | None) -> str | None:
        """The file's own column for what checking complains about."""
        if name is None or name not in {one.value for one in CustomerField}:
            return name
        place = self._places.get(CustomerField(name))
        return name if place is None else self._shape.header[place]

    def _keep_once(self, kept: list[tuple[int, Told | Contact]], batch: CustomerBatch) -> None:
        """What a row says again is left out; a row that says something else under the key of an earlier one is refused."""
        numbers = [number for number, _ in kept]
        same_key = self._keys.first_rows([hash(_key(one)) for _, one in kept], numbers).tolist()
        same_row = self._rows.first_rows([hash(_all(one)) for _, one in kept], numbers).tolist()
        for (number, one), key_row, whole_row in zip(kept, same_key, same_row, strict=True):
            if whole_row:
                batch.repeated += 1
            elif key_row:
                batch.rows_rejected += 1
                batch.errors.append(FieldError(_told_otherwise(one, key_row), None, number))
            elif isinstance(one, Contact):
                batch.contacts.append(one)
            else:
                batch.told.append(one)


def _key(one: Told | Contact) -> str:
    return one.customer if isinstance(one, Contact) else one.external_id


def _all(one: Told | Contact) -> tuple[object, ...]:
    if isinstance(one, Contact):
        return (one.customer, one.name, one.email, one.country, one.attributes)
    return one[:8] + one[9:]


def _told_otherwise(one: Told | Contact, row: int) -> str:
    if isinstance(one, Contact):
        return f"Row {row} says something else of the same customer. Keep one of the rows."
    if one.kind == "order" and one.order_ref:
        return f"Row {row} has the same order number with another value or day. A file has one row per order: add up the lines of an order."
    return f"Row {row} has the same event id and says something else. Give each event an id of its own."
