"""A LinkedIn of its own for each test, at a frozen instant."""

from datetime import UTC, datetime

import pytest
from adloom_linkedin_ads import LinkedInAds

from adloom_sdk.testing.bench import Bench
from adloom_sdk.testing.world import Clock, Shape, World
from sandbox.platforms import linkedin_ads


@pytest.fixture
def fake() -> linkedin_ads.LinkedInAds:
    shape = Shape(campaigns=6, ad_groups=2, ads=2, history_days=700)
    clock = Clock(datetime(2026, 11, 20, 12, tzinfo=UTC), is_frozen=True)
    return linkedin_ads.LinkedInAds(World("linkedin_ads", shape=shape, clock=clock))


@pytest.fixture
def bench(fake: linkedin_ads.LinkedInAds) -> Bench:
    return Bench(LinkedInAds, fake)
