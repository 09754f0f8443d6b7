"""A bad day through the real engine: everything is read, and few calls are made that nobody needed."""

import pytest

from adloom_sdk.testing.world import Shape
from benchmarks.chaos import BAR, bench_of, platforms, synced
from tests.sync.conftest import Place

SMALL = Shape(
    currencies=(("USD", "America/New_York"),),
    has_disabled_account=False,
    campaigns=4,
    ad_groups=1,
    ads=2,
    history_days=160,
)


def test_throttles_faults_cut_bodies_and_short_lived_tokens_cost_few_calls(place: Place) -> None:
    wasted = calls = 0
    for connector in platforms("meta_ads", "pinterest_ads", "tiktok_ads"):
        calm = synced(place.session, bench_of(connector, shape=SMALL, page_size=10), seed=0)
        wild = synced(place.session, bench_of(connector, shape=SMALL, page_size=10), seed=1)
        assert wild.days == calm.days
        assert any(calm.days.values())
        assert wild.hit > 0
        wasted, calls = wasted + wild.wasted(calm), calls + wild.calls
    assert wasted <= BAR * calls, f"{wasted} of {calls}"


def test_what_parallel_readers_had_is_kept_when_a_run_has_to_wait(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.chaos.PATIENCE_S", 1.0)
    [connector] = platforms("meta_ads")
    calm = synced(place.session, bench_of(connector, shape=SMALL, page_size=10), seed=0)
    wild = synced(place.session, bench_of(connector, shape=SMALL, page_size=10), seed=1)
    assert wild.days == calm.days
    assert wild.runs > 5
    assert wild.wasted(calm) <= 2 * wild.runs
