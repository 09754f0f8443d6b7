"""Changes at TikTok: once, read back, undone."""

import pytest

from adloom_sdk import Account, Action, ActionKind, EntityRef, EntityStatus, Kind, Level
from adloom_sdk.errors import AuthRevoked, BadRequest, Conflict, NotFound, OutcomeUnknown, ScopeMissing
from adloom_sdk.testing.bench import Bench
from adloom_sdk.testing.faults import Fault
from adloom_sdk.writing import carry_out, inverse
from sandbox.platforms import tiktok_ads
from sandbox.platforms.tiktok_ads import TikTokAds


def action(account: Account, kind: ActionKind, entity_id: str, level: Level = Level.CAMPAIGN, **more: object) -> Action:
    return Action(kind=kind, ref=EntityRef(account=account, level=level, id=entity_id), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("level", "kind"),
    [(Level.CAMPAIGN, Kind.CAMPAIGNS), (Level.AD_GROUP, Kind.AD_GROUPS), (Level.AD, Kind.ADS)],
)
def test_pausing_is_seen_at_the_platform_and_undone_exactly(bench: Bench, level: Level, kind: Kind) -> None:
    account, ctx = bench.account(), bench.ctx()
    target = next(one for one in bench.read(kind, account) if one.status is EntityStatus.ACTIVE)
    pause = action(account, ActionKind.PAUSE, target.id, level)
    result = carry_out(bench.connector, ctx, pause)
    assert (result.before.status, result.after.status) == (EntityStatus.ACTIVE, EntityStatus.PAUSED)
    assert result.request_id
    undo = inverse(pause, result)
    assert undo is not None
    assert carry_out(bench.connector, ctx, undo).after == result.before
    assert not carry_out(bench.connector, ctx, undo).was_needed


@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD"])
def test_a_daily_budget_is_set_exactly_and_set_back(bench: Bench, currency: str) -> None:
    account, ctx = bench.account(currency), bench.ctx()
    target = bench.read(Kind.CAMPAIGNS, account)[0]
    wanted = target.daily_budget_micros + {"USD": 1_010_000, "JPY": 7_000_000, "KWD": 1_001_000}[currency]
    change = action(account, ActionKind.SET_DAILY_BUDGET, target.id, daily_budget_micros=wanted)
    result = carry_out(bench.connector, ctx, change)
    assert result.after.daily_budget_micros == wanted
    undo = inverse(change, result)
    assert undo is not None
    assert carry_out(bench.connector, ctx, undo).after.daily_budget_micros == target.daily_budget_micros


def test_a_budget_below_what_was_spent_today_is_refused_in_plain_words(bench: Bench) -> None:
    account = bench.account()
    target = bench.daily(account, bench.fake.world.clock.now().date(), bench.fake.world.clock.now().date())[0]
    change = action(account, ActionKind.SET_DAILY_BUDGET, target.entity_id, daily_budget_micros=target.spend_micros)
    with pytest.raises(BadRequest, match="105 %") as caught:
        carry_out(bench.connector, bench.ctx(), change)
    assert caught.value.field == "budget"


def test_a_lifetime_budget_is_never_overwritten_by_a_daily_one(
    bench: Bench, fake: TikTokAds, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, shown = bench.account(), tiktok_ads.entity_body
    target = bench.read(Kind.CAMPAIGNS, account)[0]
    monkeypatch.setattr(
        tiktok_ads, "entity_body", lambda one, owner: shown(one, owner) | {"budget_mode": "BUDGET_MODE_TOTAL"}
    )
    change = action(account, ActionKind.SET_DAILY_BUDGET, target.id, daily_budget_micros=900_000_000)
    with pytest.raises(BadRequest, match="no daily budget"):
        carry_out(bench.connector, bench.ctx(), change)
    assert not [one for one in fake.journal if one.path.endswith("/update/")]


def test_what_was_changed_elsewhere_is_not_overwritten(bench: Bench, fake: TikTokAds) -> None:
    account = bench.account()
    target = bench.read(Kind.CAMPAIGNS, account)[0]
    ref = EntityRef(account=account, level=Level.CAMPAIGN, id=target.id)
    seen = bench.connector.state(bench.ctx(), ref)
    fake.world.change(target.id, daily_budget_micros=target.daily_budget_micros + 5_000_000)
    change = Action(kind=ActionKind.SET_DAILY_BUDGET, ref=ref, daily_budget_micros=900_000_000, expected=seen)
    with pytest.raises(Conflict):
        carry_out(bench.connector, bench.ctx(), change)


@pytest.mark.parametrize("fault", ["lost_response", "cut_body"])
def test_a_lost_answer_is_resolved_by_reading_and_nothing_is_sent_twice(
    bench: Bench, fake: TikTokAds, fault: str
) -> None:
    account = bench.account()
    target = next(one for one in bench.read(Kind.CAMPAIGNS, account) if one.status is EntityStatus.ACTIVE)
    fake.faults.add(Fault(kind=fault, path="status/update"))
    result = carry_out(bench.connector, bench.ctx(), action(account, ActionKind.PAUSE, target.id))
    assert result.after.status is EntityStatus.PAUSED
    assert len([one for one in fake.journal if "status/update" in one.path]) == 1


@pytest.mark.parametrize("fault", ["server_error", "html"])
def test_an_answer_that_tells_nothing_leaves_the_outcome_open_where_reading_does_not_show_it(
    bench: Bench, fake: TikTokAds, fault: str
) -> None:
    account = bench.account()
    target = next(one for one in bench.read(Kind.CAMPAIGNS, account) if one.status is EntityStatus.ACTIVE)
    fake.faults.add(Fault(kind=fault, path="status/update"))
    change = action(account, ActionKind.PAUSE, target.id)
    if fault == "server_error":
        with pytest.raises(OutcomeUnknown):
            carry_out(bench.connector, bench.ctx(), change)
    else:
        fake.faults.clear()
        fake.faults.add(Fault(kind="html", path="status/update", times=1))
        with pytest.raises(OutcomeUnknown):
            bench.connector.write(bench.ctx(), change)
    assert len([one for one in fake.journal if "status/update" in one.path]) == 1


def test_a_sign_in_for_reading_only_cannot_write(bench: Bench, fake: TikTokAds) -> None:
    account = bench.account()
    target = bench.read(Kind.CAMPAIGNS, account)[0]
    ctx = bench.ctx(bench.credentials(bench.token(fake.read_scope)))
    with pytest.raises(ScopeMissing):
        carry_out(bench.connector, ctx, action(account, ActionKind.PAUSE, target.id))


def test_a_campaign_that_is_gone_is_named_so(bench: Bench) -> None:
    with pytest.raises(NotFound):
        carry_out(bench.connector, bench.ctx(), action(bench.account(), ActionKind.PAUSE, "999"))


def test_a_revoked_sign_in_changes_nothing(bench: Bench, fake: TikTokAds) -> None:
    account = bench.account()
    target, ctx = bench.read(Kind.CAMPAIGNS, account)[0], bench.ctx()
    fake.consent.revoke_all()
    with pytest.raises(AuthRevoked):
        carry_out(bench.connector, ctx, action(account, ActionKind.PAUSE, target.id))


def test_an_ad_groups_budget_is_not_offered(bench: Bench) -> None:
    account = bench.account()
    group = bench.read(Kind.AD_GROUPS, account)[0]
    change = action(account, ActionKind.SET_DAILY_BUDGET, group.id, Level.AD_GROUP, daily_budget_micros=1_000_000)
    with pytest.raises(BadRequest):
        bench.connector.write(bench.ctx(), change)


def test_a_ref_of_another_account_is_not_changed(bench: Bench) -> None:
    account, other = bench.account("USD"), bench.account("EUR")
    target = bench.read(Kind.CAMPAIGNS, account)[0]
    stray = action(account, ActionKind.PAUSE, target.id)
    moved = Action(kind=stray.kind, ref=EntityRef(account=other, level=Level.CAMPAIGN, id=target.id))
    with pytest.raises(NotFound):
        bench.connector.write(bench.ctx(), moved)
