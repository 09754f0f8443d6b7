"""Customers as a CSV file that is safe to open in a spreadsheet, written row by row."""

import io
from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import BinaryIO, cast
from zoneinfo import ZoneInfo

from litestar.response import Stream
from sqlalchemy.orm import Session

from app.customers.listing import Asked, each_customer
from app.customers.models import Customer
from kit.csvio import write_csv
from kit.money import from_micros

NAME = "customers.csv"
_BLOCK = 1 << 16
_HEADER = (
    "customer",
    "customer_name",
    "email",
    "country",
    "orders",
    "revenue",
    "currency",
    "first_order",
    "last_order",
    "first_seen",
    "last_seen",
)


def customers_file(session: Session, asked: Asked, *, currency: str, timezone: str) -> Stream:
    """What the filters leave, to be saved by a browser."""
    rows = each_customer(session, asked, timezone=timezone)
    headers = {"content-disposition": f'attachment; filename="{NAME}"', "cache-control": "no-store"}
    content = customers_csv(rows, currency=currency, timezone=timezone)
    return Stream(content, media_type="text/csv; charset=utf-8", headers=headers)


def customers_csv(customers: Iterable[Customer], *, currency: str, timezone: str) -> Iterator[bytes]:
    """The file's bytes (UTF-8 with a mark, so that spreadsheets read umlauts). All rows are read before the first byte leaves."""
    zone = ZoneInfo(timezone)
    stored = cast("BinaryIO", TemporaryFile())  # noqa: SIM115 the generator closes it
    text = io.TextIOWrapper(stored, encoding="utf-8-sig", newline="", write_through=True)
    write_csv(text, _HEADER, (_row(customer, currency, zone) for customer in customers))
    text.flush()
    text.detach()
    stored.seek(0)
    return _pieces(stored)


def _row(customer: Customer, currency: str, zone: ZoneInfo) -> tuple[object, ...]:
    moments = (customer.first_order_at, customer.last_order_at, customer.first_seen_at, customer.last_seen_at)
    days = (moment.astimezone(zone).date().isoformat() if moment else None for moment in moments)
    revenue = f"{from_micros(customer.revenue_micros):.2f}"
    said = (customer.external_id, customer.name, customer.email, customer.country)
    return (*said, customer.orders, revenue, currency, *days)


def _pieces(stored: BinaryIO) -> Iterator[bytes]:
    with stored:
        while block := stored.read(_BLOCK):
            yield block
