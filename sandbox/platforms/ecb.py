"""The European Central Bank's reference rates, made up but always the same: a function of currency and working day."""

import math
from datetime import date, timedelta
from xml.sax.saxutils import quoteattr

from adloom_sdk.testing.fakes import Answer, FakePlatform, Request, Why, route

_LEVELS = {
    "USD": 1.08,
    "JPY": 162.0,
    "GBP": 0.85,
    "CHF": 0.95,
    "SEK": 11.4,
    "NOK": 11.6,
    "DKK": 7.46,
    "PLN": 4.3,
    "CZK": 25.1,
    "AUD": 1.64,
    "CAD": 1.47,
    "INR": 90.2,
    "BRL": 5.9,
    "MXN": 19.3,
    "KRW": 1440.0,
    "KWD": 0.333,
}
_FIRST = date(1999, 1, 4)
_QUARTER_DAYS = 90
_FIRST_SHOWN_DAYS = 4 * 366


class EuropeanCentralBank(FakePlatform):
    """Two documents without sign-in. The real bank quotes no dinar; here one is, so that every currency of the sandbox has a rate."""

    key = "ecb"
    host_names = ("www.ecb.europa.eu",)

    def refusal(self, why: Why, *, retry_after_s: float = 30.0, detail: str = "") -> Answer:
        """A web server's plain pages."""
        status = {"throttled": 429, "server_error": 503, "not_found": 404}.get(why, 400)
        return Answer(
            status=status,
            headers={"content-type": "text/html", "retry-after": str(round(retry_after_s))},
            content=f"<html><body><h1>{status}</h1><p>{why} {detail}</p></body></html>".encode(),
        )

    @route("GET", "/stats/eurofxref/eurofxref-hist-90d.xml", is_open=True)
    def quarter(self, _request: Request) -> Answer:
        """The last ninety days."""
        return self._document(_QUARTER_DAYS)

    @route("GET", "/stats/eurofxref/eurofxref-hist.xml", is_open=True)
    def history(self, _request: Request) -> Answer:
        """Four years; the real document goes back to 1999."""
        return self._document(_FIRST_SHOWN_DAYS)

    def _document(self, days: int) -> Answer:
        today = self.world.clock.now().date()
        # Newest first, working days only; today's come in the afternoon.
        shown = [today - timedelta(days=back) for back in range(days) if self.world.clock.now().hour >= 15 or back]
        cubes = "".join(_cube(day) for day in shown if day.weekday() < 5 and day >= _FIRST)
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"'
            ' xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">'
            "<gesmes:subject>Reference rates</gesmes:subject>"
            "<gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>"
            f"<Cube>{cubes}</Cube></gesmes:Envelope>"
        )
        return Answer(content=body.encode(), headers={"content-type": "text/xml"})


def rate_on(currency: str, day: date) -> str:
    """Units of the currency for one euro, as the document spells it."""
    if currency == "EUR":
        return "1"
    wave = math.sin(day.toordinal() / 37 + sum(map(ord, currency)))
    return f"{_LEVELS[currency] * (1 + 0.03 * wave):.5g}"


def _cube(day: date) -> str:
    rates = "".join(f"<Cube currency={quoteattr(name)} rate={quoteattr(rate_on(name, day))}/>" for name in _LEVELS)
    return f"<Cube time={quoteattr(day.isoformat())}>{rates}</Cube>"
