"""Bodies as Meta sends them: the connector maps them, and the fake has their structure. They lie outside the project."""

import os
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from adloom_meta_ads import mapping, refusals, wire

from adloom_sdk import Account, EntityStatus, Level, Reply, errors
from tests.connectors.meta_ads.benches import NOW, SHORT, bench

SHARED = (
    Path(os.environ.get("ADLOOM_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data")) / "connectors" / "meta"
)
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.exists(), reason="the recorded bodies (ADLOOM_SHARED_DATA) are not here"),
]
OF = Account(id="act_798085168510957", name="", currency="USD", timezone="America/Los_Angeles")
EDGES = ("adaccounts", "campaigns", "adsets", "ads", "adcreatives", "insights_ad_day")


def recorded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode((SHARED / f"{name}.json").read_bytes())["response"]
    return found


def first(name: str, into: Any) -> Any:
    return msgspec.convert(recorded(name)["body"], into).data[0]


def test_recorded_entities_are_mapped() -> None:
    assert mapping.account(first("adaccounts", wire.AdAccounts)).currency == "USD"
    campaign = mapping.campaign(first("campaigns", wire.Campaigns), OF, NOW)
    assert (campaign.status, campaign.objective) == (EntityStatus.ENDED, "leads")
    ad_set = mapping.ad_group(first("adsets", wire.AdSets), OF, NOW)
    assert (ad_set.daily_budget_micros, ad_set.lifetime_budget_micros) == (20_000_000, None)
    ad = mapping.ad(first("ads", wire.Ads), OF, NOW)
    assert (ad.ad_group_id, ad.creative_id) == ("23853619670380398", "23853666124230398")
    creative = mapping.creative(first("adcreatives", wire.Creatives), OF, NOW)
    assert creative.link_url == "https://airbyte.com/free-connector-program"


def test_a_recorded_day_is_mapped() -> None:
    day = mapping.daily(first("insights_ad_day", wire.Insights), OF, Level.AD)
    assert (day.spend_micros, day.impressions, day.clicks, day.conversions) == (14_350_000, 185, 9, 0)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("error_190_463_token_expired", errors.AuthExpired),
        ("error_80000_account_throttled", errors.RateLimited),
    ],
)
def test_recorded_refusals_are_understood(name: str, error: type[errors.PlatformError]) -> None:
    told = recorded(name)
    content = msgspec.json.encode(told["body"])
    reply = Reply(
        method="GET", path="/", status=told["status"], headers=told["headers"], content=content, received_at=NOW
    )
    assert type(refusals.error_of(reply)) is error


@pytest.mark.parametrize("name", EDGES)
def test_the_fake_answers_with_the_recorded_structure(name: str) -> None:
    real = recorded(name)["body"]["data"][0]
    params = {"fields": ",".join(real), "limit": "25"}
    if name == "insights_ad_day":
        since, until = SHORT
        window = f'{{"since":"{since}","until":"{until}"}}'
        windows = '["1d_click","7d_click","28d_click","1d_view"]'
        params |= {"level": "ad", "time_increment": "1", "time_range": window, "action_attribution_windows": windows}
    rows = asked(name, params)["data"]
    assert not min((differences(real, row) for row in rows), key=len)


def test_the_fakes_reports_have_the_recorded_structure() -> None:
    at = bench()
    since, until = SHORT
    form = {"level": "ad", "time_increment": "1", "time_range": f'{{"since":"{since}","until":"{until}"}}'}
    headers = {"authorization": f"Bearer {at.token().access_token}"}
    with httpx.Client(transport=at.fake.transport(), base_url="http://graph.facebook.com/v26.0") as http:
        account = f"act_{at.fake.world.accounts[0].id}"
        run = http.post(f"/{account}/insights", data=form, headers=headers).json()
        assert not differences(recorded("async_submit")["body"], run)
        told = [http.get(f"/{run['report_run_id']}", headers=headers).json() for _ in range(3)][-1]
    assert not differences(recorded("async_completed")["body"], told)


def asked(name: str, params: dict[str, str]) -> dict[str, Any]:
    at = bench()
    account = f"act_{at.fake.world.accounts[0].id}"
    edge = {"adaccounts": "me/adaccounts", "insights_ad_day": f"{account}/insights"}.get(name, f"{account}/{name}")
    headers = {"authorization": f"Bearer {at.token().access_token}"}
    with httpx.Client(transport=at.fake.transport()) as http:
        reply = http.get(f"http://graph.facebook.com/v26.0/{edge}", params=params, headers=headers)
    found: dict[str, Any] = reply.json()
    assert reply.status_code == 200, found
    return found


def differences(real: Any, made: Any, at: str = "") -> list[str]:
    """Where the made body lacks a key of the real one, or has another type there."""
    if type(real) is not type(made):
        return [f"{at}: {type(made).__name__} instead of {type(real).__name__}"]
    if isinstance(real, dict):
        lacking = [f"{at}.{key} is missing" for key in real.keys() - made.keys()]
        return lacking + [
            one for key in real.keys() & made.keys() for one in differences(real[key], made[key], f"{at}.{key}")
        ]
    if isinstance(real, list) and real and made:
        return differences(real[0], made[0], f"{at}[]")
    return []
