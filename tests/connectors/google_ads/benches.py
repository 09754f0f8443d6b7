"""The Google connector at a fake of its own, at a frozen instant."""

from datetime import UTC, date, datetime
from typing import Any

from adloom_google_ads.connector import GoogleAds

from adloom_sdk.testing.bench import Bench
from adloom_sdk.testing.world import Clock, Shape, World
from sandbox.platforms.google_ads import GoogleAds as Fake

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CURRENCIES = ("USD", "EUR", "JPY", "KWD", "KRW")
# Both hold a change of daylight-saving time in New York and one in Berlin.
SPRING, AUTUMN = (date(2026, 3, 6), date(2026, 4, 1)), (date(2026, 10, 22), date(2026, 11, 20))


def bench(*, page_size: int = 100, config: dict[str, str] | None = None, **shape: Any) -> Bench:
    """A bench."""
    world = World("google_ads", shape=Shape(**shape), clock=Clock(NOW, is_frozen=True))
    return Bench(GoogleAds, Fake(world, page_size=page_size), config=config)


def queries(at: Bench) -> int:
    """How many questions were asked."""
    return sum(one.path.endswith(":searchStream") for one in at.exchanges)
