"""One table of claims, paths and the mix model, with the sentences that a reader needs."""

import json
from datetime import date

import pytest

from ml.attribution import (
    Claim,
    MixCredit,
    PathAttribution,
    PathOptions,
    Reconciliation,
    attribute_paths,
    mix_credits,
    paths_from_lists,
    reconcile,
    scale_to_mix,
)
from ml.errors import BadOption
from ml.mix import fit_mix
from ml.synth import demo_shop

MIX = {
    "search": MixCredit(300, 200, 400, "reliable"),
    "social": MixCredit(100, 0, 900, "cannot_tell"),
    "tv": MixCredit(50, 20, 90, "uncertain"),
}
CLAIMS = {"search": Claim(conversions=9, value=900), "social": Claim(value=530), "radio": Claim(conversions=3)}


@pytest.fixture(scope="module")
def attribution() -> PathAttribution:
    """Sales of 1,000: 700 last met in search, 200 in email, 100 without a touch."""
    paths = paths_from_lists(
        [["social", "search"], ["email"], [], ["social"]],
        converted=[True, True, True, False],
        value=[100, 100, 100, 0],
        count=[7, 2, 1, 40],
    )
    return attribute_paths(paths, options=PathOptions(draws=20))


@pytest.fixture(scope="module")
def table(attribution: PathAttribution) -> Reconciliation:
    return reconcile(attribution, claims=CLAIMS, mix=MIX)


def codes(table: Reconciliation, channel: str | None) -> list[str]:
    return [flag.code for flag in table.flags if flag.channel == channel]


def test_claims_that_exceed_sales_are_said_so_in_percent(table: Reconciliation) -> None:
    assert table.claims_share == pytest.approx(1.43)
    assert table.flags[0].code == "claims_exceed_sales"
    assert table.flags[0].detail.startswith("Claims sum to 143% of sales: at least 30%")


def test_claims_within_sales_are_not_flagged(attribution: PathAttribution) -> None:
    flags = reconcile(attribution, claims=CLAIMS, sales_value=2000).flags
    assert not any(flag.code == "claims_exceed_sales" for flag in flags)


def test_every_channel_that_anyone_names_has_a_row(table: Reconciliation) -> None:
    assert [row.channel for row in table.channels] == ["email", "search", "social", "tv", "radio"]
    search = table.channels[1]
    assert (search.claimed_value, search.last_click, search.mix_value) == (900, 700, 300)
    assert {path.model for path in search.paths} >= {"first", "last", "linear", "markov", "shapley"}


def test_scale_times_path_credit_is_the_mix_contribution(table: Reconciliation) -> None:
    for path in table.channels[1].paths:
        if path.value > 0:
            assert path.mix_scale is not None
            assert path.mix_scale * path.value == pytest.approx(300)
        else:
            assert path.mix_scale is None


def test_claims_and_last_click_are_held_against_the_interval_of_the_mix_model(table: Reconciliation) -> None:
    assert codes(table, "search") == ["claim_above_mix", "last_click_above_mix"]
    assert "search claims 900; the mix model finds 300 (200 to 400)." in [flag.detail for flag in table.flags]


def test_a_claim_below_the_interval_is_flagged_too(attribution: PathAttribution) -> None:
    found = reconcile(attribution, claims={"search": Claim(value=100)}, mix=MIX)
    assert "claim_below_mix" in codes(found, "search")
    low = reconcile(attribution, mix={"search": MixCredit(2000, 1500, 2500, "reliable")})
    assert "last_click_below_mix" in codes(low, "search")


def test_where_the_mix_model_cannot_tell_no_number_is_shown_or_scaled(table: Reconciliation) -> None:
    social = table.channels[2]
    assert social.mix_value is None
    assert all(path.mix_scale is None for path in social.paths)
    assert codes(table, "social") == ["mix_cannot_tell"]


def test_gaps_between_the_sources_are_named(table: Reconciliation) -> None:
    assert codes(table, "email") == ["not_in_mix"]
    assert codes(table, "tv") == ["no_touches"]
    assert codes(table, "radio") == ["no_touches", "not_in_mix"]
    assert codes(table, None) == ["claims_exceed_sales", "paths_miss_sales", "paths_have_no_baseline"]
    assert table.path_share == pytest.approx(0.9)
    assert table.mix_share == pytest.approx(0.35)


def test_paths_alone_make_a_table_without_complaints(attribution: PathAttribution) -> None:
    found = reconcile(attribution, sales_value=900)
    assert (found.claims_share, found.mix_share) == (None, None)
    assert found.flags == ()


def test_the_table_is_plain_json(table: Reconciliation) -> None:
    document = json.loads(json.dumps(table.to_dict()))
    assert document["channels"][1]["mix_value"] == 300
    assert document["flags"][0]["code"] == "claims_exceed_sales"


def test_campaigns_are_scaled_so_that_a_channel_adds_up_to_its_contribution() -> None:
    scaled = scale_to_mix(
        {"brand": 30, "generic": 60, "reels": 10, "spot": 0, "letter": 5},
        channel_of={"brand": "search", "generic": "search", "reels": "social", "spot": "tv", "letter": "email"},
        mix=MIX,
    )
    brand, generic = scaled["brand"], scaled["generic"]
    assert brand is not None
    assert generic is not None
    assert (brand.value, brand.low, brand.high) == pytest.approx((100, 200 / 3, 400 / 3))
    assert brand.value + generic.value == pytest.approx(300)
    assert (scaled["reels"], scaled["spot"], scaled["letter"]) == (None, None, None)


def test_an_item_without_a_channel_is_refused() -> None:
    with pytest.raises(BadOption, match="brand"):
        scale_to_mix({"brand": 3}, channel_of={}, mix=MIX)


@pytest.mark.parametrize("sales", [-1, float("nan"), float("inf")])
def test_sales_and_claims_that_make_no_sense_are_refused(attribution: PathAttribution, sales: float) -> None:
    with pytest.raises(BadOption, match="Sales"):
        reconcile(attribution, sales_value=sales)
    with pytest.raises(BadOption, match="claim of search"):
        reconcile(attribution, claims={"search": Claim(value=sales)})


def test_sales_of_nothing_are_answered_without_shares(attribution: PathAttribution) -> None:
    assert reconcile(attribution, claims=CLAIMS, mix=MIX, sales_value=0).claims_share is None


def test_a_fitted_mix_model_takes_part(attribution: PathAttribution) -> None:
    fit = fit_mix(demo_shop(1, date(2026, 11, 20)).frame())
    found = reconcile(attribution, mix=mix_credits(fit))
    assert {row.channel for row in found.channels} >= set(fit.names)
