"""A TikTok of its own for each test, at a frozen instant."""

from datetime import UTC, datetime

import pytest
from adloom_tiktok_ads import TikTokAds

from adloom_sdk.testing.bench import Bench
from adloom_sdk.testing.world import Clock, Shape, World
from sandbox.platforms import tiktok_ads


@pytest.fixture
def fake() -> tiktok_ads.TikTokAds:
    shape = Shape(campaigns=6, ad_groups=2, ads=2, history_days=700)
    clock = Clock(datetime(2026, 11, 20, 12, tzinfo=UTC), is_frozen=True)
    return tiktok_ads.TikTokAds(World("tiktok_ads", shape=shape, clock=clock))


@pytest.fixture
def bench(fake: tiktok_ads.TikTokAds) -> Bench:
    return Bench(TikTokAds, fake)
