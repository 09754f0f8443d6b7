"""A Snapchat of its own for each test, at a frozen instant."""

from datetime import UTC, datetime

import pytest
from adloom_snapchat_ads import SnapchatAds

from adloom_sdk.testing.bench import Bench
from adloom_sdk.testing.world import Clock, Shape, World
from sandbox.platforms import snapchat_ads


@pytest.fixture
def fake() -> snapchat_ads.SnapchatAds:
    shape = Shape(campaigns=6, ad_groups=2, ads=2, history_days=700)
    clock = Clock(datetime(2026, 11, 20, 12, tzinfo=UTC), is_frozen=True)
    return snapchat_ads.SnapchatAds(World("snapchat_ads", shape=shape, clock=clock))


@pytest.fixture
def bench(fake: snapchat_ads.SnapchatAds) -> Bench:
    return Bench(SnapchatAds, fake)
