"""The Meta connector at a fake of its own, at a frozen instant."""

from datetime import UTC, date, datetime
from typing import Any

from adloom_meta_ads.connector import MetaAds

from adloom_sdk.testing.bench import Bench
from adloom_sdk.testing.world import Clock, Shape, World
from sandbox.platforms.meta_ads import MetaAds as Fake

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CURRENCIES = ("USD", "EUR", "JPY", "KWD", "KRW")
# Both hold a change of daylight-saving time in New York and one in Berlin.
SPRING, AUTUMN = (date(2026, 3, 6), date(2026, 4, 1)), (date(2026, 10, 22), date(2026, 11, 20))
SHORT = (date(2026, 11, 14), date(2026, 11, 20))
LONG = (date(2026, 8, 1), date(2026, 9, 20))


def bench(*, page_size: int = 100, **shape: Any) -> Bench:
    """A bench."""
    world = World("meta_ads", shape=Shape(**shape), clock=Clock(NOW, is_frozen=True))
    return Bench(MetaAds, Fake(world, page_size=page_size))


def fake_of(at: Bench) -> Fake:
    """The bench's fake, with what only Meta's has."""
    assert isinstance(at.fake, Fake)
    return at.fake


def calls(at: Bench, ending: str, method: str = "GET") -> int:
    """How often a path was called."""
    return sum(one.path.endswith(ending) and one.method == method for one in at.exchanges)
