"""Recorded bodies, answered by a loopback server that has nothing else, and what `adloom connector read` prints of them."""

import json
from typing import Any

import pytest

from adloom_sdk.errors import PlatformError
from tests.connectors.recorded import SHARED, needs_recordings
from tests.connectors.replay import Answer, Outcome, read

pytestmark = [pytest.mark.shared, needs_recordings]
DAY = "2026-10-01"


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adloom_sdk.http._pause_s", lambda _attempt: 0.0)


def answer(name: str, path: str, **options: Any) -> Answer:
    """A recorded file as an answer."""
    found = json.loads((SHARED / f"{name}.json").read_text())["response"]
    return Answer(path=path, body=found["body"], status=found["status"], headers=found.get("headers") or {}, **options)


def told(done: Outcome, *names: str) -> list[tuple[Any, ...]]:
    """Some columns of what was printed."""
    assert done.exit_code == 0, done.error
    return [tuple(row[name] for name in names) for row in done.rows]


NUMBERS = ("entity_id", "day", "currency", "spend_micros", "impressions", "clicks", "conversions")
LISTED = ("id", "status", "daily_budget_micros", "lifetime_budget_micros")
DAILY: list[tuple[str, str, list[tuple[str, str]], str, str, list[tuple[Any, ...]]]] = [
    (
        "meta_ads", "act_798085168510957", [("meta/insights_ad_day", "/insights")], "2023-06-01", "ad",
        [("23854695759200548", "2023-06-01", "USD", 14_350_000, 185, 9, 0.0)],
    ),
    (
        "google_ads", "1234567890", [("google_ads/campaign_day_metrics", ":searchStream")], "2024-01-01", "campaign",
        [("700001", "2024-01-01", "USD", 1_000_000, 100, 7, 2.5)],
    ),
    (
        "tiktok_ads", "6870790075194", [("tiktok/report_integrated_campaign_day", "/report/integrated/get/")],
        "2024-01-15", "campaign", [("1680018437245954", "2024-01-15", "USD", 1_265_870_000, 3_840_449, 45_231, 14.0)],
    ),
    (
        "linkedin_ads", "506333826", [("linkedin/ad_analytics_campaign_day", "/adAnalytics")], "2023-01-02", "campaign",
        [
            ("1111", "2023-01-02", "USD", 209_449_000, 19_090, 100, None),
            ("1111", "2023-01-03", "USD", 509_980_000, 20_210, 408, None),
        ],
    ),
    (
        "snapchat_ads", "s", [("snapchat/stats_timeseries_hour", "/stats")], "2024-01-15", "campaign",
        [("test_entity_id", "2024-01-15", "USD", 5_000_000, 1000, 50, None)],
    ),
    (
        "pinterest_ads", "549755885175",
        [
            ("pinterest/get_ad_accounts_ad_account_id_campaigns_analytics_200", "/analytics"),
            ("pinterest/post_ad_accounts_ad_account_id_reports_200", "/reports"),
        ],
        "2021-04-01", "campaign", [("547602124502", "2021-04-01", "USD", 30_000_000, None, 216, None)],
    ),
    (
        "reddit_ads", "t2_abc", [("reddit/report", "/reports")], "2026-09-01", "campaign",
        [("c1", "2026-09-01", "USD", 5_000_000, 10, 1, None)],
    ),
    (
        "x_ads", "2iqph", [("x_ads/analytics_sync_stats", "/stats/accounts/2iqph")], "2019-01-01", "campaign",
        [("aaaa", "2019-01-01", "USD", 0, 1, 1, None), ("bbbb", "2019-01-01", "USD", 0, 2, 2, None)],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("key", "account", "files", "day", "level", "wanted"), DAILY, ids=[one[0] for one in DAILY])
def test_daily_numbers_need_the_report_only(
    key: str, account: str, files: list[tuple[str, str]], day: str, level: str, wanted: list[tuple[Any, ...]]
) -> None:
    until = wanted[-1][1]
    done = read(key, account, day, until, [answer(*one) for one in files], "--kind", "daily", "--level", level)
    assert told(done, *NUMBERS) == wanted


LISTS: list[tuple[str, str, str, str, str, list[tuple[Any, ...]]]] = [
    ("meta_ads", "campaigns", "meta/campaigns", "/campaigns", "act_1", [("23853498584890398", "ended", None, None)]),
    ("meta_ads", "ad_groups", "meta/adsets", "/adsets", "act_1", [("23853619670380398", "active", 20_000_000, None)]),
    (
        "google_ads", "campaigns", "google_ads/campaigns", ":searchStream", "1",
        [
            ("24027360183", "paused", 600_000, None),
            ("24027360186", "paused", 10_000_000, None),
            ("24027380295", "paused", 1_000_000, None),
            ("24036880705", "paused", 1_000_000, None),
            ("24036880939", "paused", 1_000_000, None),
        ],
    ),
    (
        "tiktok_ads", "campaigns", "tiktok/list-campaigns", "/campaign/get/", "7",
        [("1866248311321778", "active", None, 100_000_000), ("1866248303272130", "active", 100_000_000, None)],
    ),
    (
        "tiktok_ads", "campaigns", "tiktok/get-campaign", "/campaign/get/", "7",
        [("1866248504518946", "active", None, 100_000_000)],
    ),
    (
        "tiktok_ads", "ad_groups", "tiktok/get-ad-group", "/adgroup/get/", "7",
        [("1866248998099217", "active", 50_000_000, None)],
    ),
    (
        "linkedin_ads", "campaigns", "linkedin/ad_campaigns", "/adCampaigns", "506333826",
        [("145282384", "active", 18_000_000, None)],
    ),
    (
        "snapchat_ads", "campaigns", "snapchat/campaigns", "/campaigns", "s",
        [
            ("06302efa-4c0f-4e36-b880-a395a36cef64", "active", 200_000_000, None),
            ("92e1c28a-a331-45b4-8c26-fd3e0eea8c39", "paused", None, None),
        ],
    ),
    ("snapchat_ads", "ad_groups", "snapchat/adsquads", "/adsquads", "s", [("test_adsquad_012", "active", 50_000_000, None)]),
    (
        "pinterest_ads", "campaigns", "pinterest/get_ad_accounts_ad_account_id_campaigns_200", "/campaigns", "5",
        [("549755885175", "other", 1_432_744_744, 1_432_744_744)],
    ),
    (
        "pinterest_ads", "ad_groups", "pinterest/get_ad_accounts_ad_account_id_ad_groups_200", "/ad_groups", "5",
        [("2680060704746", "other", None, None)],
    ),
    ("reddit_ads", "campaigns", "reddit/campaigns", "/campaigns", "a2_abc123", [("t5_1", "active", 5_000_000, None)]),
    (
        "amazon_ads", "campaigns", "amazon/sp_campaigns_list", "/sp/campaigns/list", "1",
        [("351234567890123", "active", 50_000_000, None)],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("key", "kind", "file", "path", "account", "wanted"), LISTS, ids=[one[2] for one in LISTS])
def test_lists_need_their_own_answer_only(
    key: str, kind: str, file: str, path: str, account: str, wanted: list[tuple[Any, ...]]
) -> None:
    assert told(read(key, account, DAY, DAY, [answer(file, path)], "--kind", kind), *LISTED) == wanted


def test_google_ad_groups_with_removed_ones() -> None:
    done = read("google_ads", "1", DAY, DAY, [answer("google_ads/ad-groups", ":searchStream")], "--kind", "ad_groups")
    words = {"PAUSED": "paused", "REMOVED": "removed", "ENABLED": "active"}
    body = json.loads((SHARED / "google_ads/ad-groups.json").read_text())["response"]["body"]
    rows = [
        (row["adGroup"]["id"], row["campaign"]["id"], words[row["adGroup"]["status"]]) for row in body[0]["results"]
    ]
    assert told(done, "id", "campaign_id", "status") == rows


@pytest.mark.parametrize(
    ("kind", "file", "noun"),
    [("campaigns", "campaigns_all", "campaigns"), ("ad_groups", "line_items_all", "line_items")],
)
def test_x_lists_with_deleted_ones(kind: str, file: str, noun: str) -> None:
    words = {"ACTIVE": "active", "PAUSED": "paused", "DRAFT": "other", None: "other"}
    rows = json.loads((SHARED / f"x_ads/{file}.json").read_text())["response"]["body"]["data"]
    done = read("x_ads", "2iqph", DAY, DAY, [answer(f"x_ads/{file}", f"/{noun}")], "--kind", kind)
    wanted = [(row["id"], "removed" if row["deleted"] else words[row.get("entity_status")]) for row in rows]
    assert told(done, "id", "status") == wanted
    budgets = [row.get("daily_budget_amount_local_micro") for row in rows]
    assert [row["daily_budget_micros"] for row in done.rows] == budgets


@pytest.mark.parametrize(
    ("key", "kind", "file", "path", "wanted"),
    [
        ("meta_ads", "ads", "meta/ads", "/ads", ("23853620229650398", "active", "23853666124230398")),
        ("pinterest_ads", "ads", "pinterest/get_ad_accounts_ad_account_id_ads_200", "/ads", ("687195134316", "active", "394205773611545468")),
    ],
)  # fmt: skip
def test_ads_with_what_they_show(key: str, kind: str, file: str, path: str, wanted: tuple[str, str, str]) -> None:
    assert told(read(key, "act_1", DAY, DAY, [answer(file, path)], "--kind", kind), "id", "status", "creative_id") == [
        wanted
    ]


def test_meta_creatives() -> None:
    done = read("meta_ads", "act_1", DAY, DAY, [answer("meta/adcreatives", "/adcreatives")], "--kind", "creatives")
    body = json.loads((SHARED / "meta/adcreatives.json").read_text())["response"]["body"]
    assert told(done, "id", "title") == [(row["id"], row["title"]) for row in body["data"]]


def test_the_account_list_gives_currency_and_zone() -> None:
    answers = [answer("tiktok/advertisers", "/advertiser/info/"), answer("tiktok/list-campaigns", "/campaign/get/")]
    links = {"code": 0, "message": "OK", "data": {"list": [{"advertiser_id": "7644143197428744199"}]}}
    answers.append(Answer(path="/oauth2/advertiser/get/", body=links))
    done = read("tiktok_ads", "7644143197428744199", DAY, DAY, answers, "--kind", "campaigns", "--currency", "XXX")
    body = json.loads((SHARED / "tiktok/advertisers.json").read_text())["response"]["body"]
    assert {row["currency"] for row in done.rows} == {body["data"]["list"][0]["currency"]}


def test_analytics_without_rows_is_no_revenue() -> None:
    done = read("ga4", "535258304", DAY, DAY, [answer("ga4/run-report", ":runReport")])
    assert done.exit_code == 0
    assert sum(row["revenue_micros"] for row in done.rows) == 0


def test_a_report_that_meta_prepares_is_ordered_awaited_and_read() -> None:
    run = json.loads((SHARED / "meta/async_submit.json").read_text())["response"]["body"]["report_run_id"]
    answers = [
        answer("meta/async_submit", "/act_1/insights", method="POST"),
        answer("meta/async_completed", f"/{run}", method="GET"),
        answer("meta/insights_ad_day", f"/{run}/insights", method="GET"),
    ]
    done = read("meta_ads", "act_1", "2023-05-01", "2023-06-01", answers, "--level", "ad")
    assert told(done, "spend_micros", "day") == [(14_350_000, "2023-06-01")]


@pytest.mark.parametrize(
    ("key", "file", "name", "code"),
    [
        ("meta_ads", "meta/error_190_463_token_expired", "AuthExpired", "190/463"),
        ("meta_ads", "meta/error_80000_account_throttled", "RateLimited", "80000/2446079"),
        ("tiktok_ads", "tiktok/error_40105_bad_token", "AuthRevoked", "40105"),
        ("linkedin_ads", "linkedin/error_401_expired", "AuthExpired", "EXPIRED_ACCESS_TOKEN"),
        ("linkedin_ads", "linkedin/error_426_version", "VersionSunset", "NONEXISTENT_VERSION"),
        ("snapchat_ads", "snapchat/error_401", "AuthExpired", "HTTP 401"),
    ],
)
@pytest.mark.parametrize("kind", ["daily", "campaigns"])
def test_a_recorded_refusal_ends_in_its_class(key: str, file: str, name: str, code: str, kind: str) -> None:
    done = read(key, "1", DAY, DAY, [answer(file, ".*")], "--kind", kind)
    assert (done.exit_code, done.error["error"], done.error["code"], done.rows) == (3, name, code, [])
    assert name in {kind.__name__ for kind in PlatformError.__subclasses__()}
