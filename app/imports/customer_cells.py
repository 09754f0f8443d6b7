"""Cells of files about customers: moments, amounts with their currency, kinds of events, tidy text."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from app.imports.amounts import read_number
from app.imports.currencies import codes_of, split_currency
from app.imports.dates import parse_day
from app.imports.shape import Cell, DayOrder, FileShape, Problem, as_text
from kit.csvio import original
from kit.money import to_micros

_CLOCK = re.compile(
    r"[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([AaPp])?\.?(?:[Mm]\.?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$"
)
_KINDS = {
    "order": "order, orders, purchase, purchased, sale, sold, buy, bought, bestellung, kauf, verkauf, rechnung, invoice, achat, commande, "
    "compra, pedido, acquisto, ordine, bestelling, aankoop, placed order, paid",
    "refund": "refund, refunded, return, returned, credit, credit note, erstattung, ruckerstattung, retoure, gutschrift, remboursement, "
    "reembolso, devolucion, rimborso, reso, terugbetaling, retour, chargeback",
    "touch": "touch, visit, click, ad click, session, impression, view, page view, kontakt, besuch, klick, visite, clic, visita, bezoek",
    "offer_shown": "offer shown, offer_shown, offer sent, offered, shown, angebot gezeigt",
    "offer_taken": "offer taken, offer_taken, offer accepted, redeemed, accepted, taken, coupon used, angebot angenommen",
    "event": "event, custom",
}
_KIND_OF = {word.strip(): kind for kind, words in _KINDS.items() for word in words.split(",")}
Amount = tuple[int | None, str]


def moment_reader(day_order: DayOrder | None, *, zone: ZoneInfo) -> Callable[[Cell], datetime | Problem]:
    """A function from a cell to the moment it spells, or to what is wrong with it. Without an hour it is midnight in `zone`."""

    def read(cell: Cell) -> datetime | Problem:
        day = parse_day(cell, day_order)
        if isinstance(day, Problem):
            return day
        at, where = _clock(cell)
        if isinstance(at, Problem):
            return at
        return datetime.combine(day, at, tzinfo=where or zone).astimezone(UTC)

    return read


def amount_reader(shape: FileShape, *, own: str) -> Callable[[Cell], Amount | Problem]:
    """A function from a cell to (micros or None, currency), or to what is wrong with it. A sign such as $ means the workspace's
    currency where that uses it, else the file's."""
    usual = own if own in shape.possible_currencies or not shape.possible_currencies else shape.possible_currencies[0]
    is_one = len(shape.possible_currencies) <= 1 or own in shape.possible_currencies

    def read(cell: Cell) -> Amount | Problem:
        number = read_number(cell, shape.decimal, currency=None)
        if isinstance(number, Problem):
            return number
        codes = codes_of(split_currency(as_text(cell).strip().lstrip("-(+ "))[0])
        currency = (own if own in codes else codes[0]) if codes else (usual if is_one else own)
        return (None if number is None else to_micros(number)), currency

    return read


def _clock(cell: Cell) -> tuple[time | Problem, timezone | None]:
    if isinstance(cell, float):
        minutes, seconds = divmod(min(round((cell % 1) * 86_400), 86_399), 60)
        return time(minutes // 60, minutes % 60, seconds), None
    match = _CLOCK.search(cell) if isinstance(cell, str) else None
    if match is None:
        return time(), None
    hour, half = int(match[1]), (match[4] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return time(hour, int(match[2]), int(match[3] or 0)), _offset(match[5])
    except ValueError:
        return Problem(f"“{match[0].strip()}” is no time of day. Write it as hours and minutes, such as 14:05."), None


def _offset(text: str | None) -> timezone | None:
    if not text:
        return None
    if text[0] not in "+-":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def tidy(cell: Cell) -> str:
    """A cell as text, without spaces around it and without what protects it in spreadsheets."""
    if isinstance(cell, date):
        return cell.isoformat()
    text = as_text(cell)
    return " ".join((original(text) if text[:1] == "'" else text).split())


def kind_of(text: str) -> str:
    """The kind that a word means, in whatever language; a word that means none stays as it is."""
    return _KIND_OF.get(_folded(text), text)


def _folded(text: str) -> str:
    return " ".join(text.casefold().replace("_", " ").replace("-", " ").replace("ü", "u").split())
