"""Changes at LinkedIn: once, read back, undone."""

import pytest

from adloom_sdk import Account, Action, ActionKind, BudgetOwner, EntityRef, EntityStatus, Kind, Level
from adloom_sdk.errors import AuthRevoked, BadRequest, Conflict, NotFound, OutcomeUnknown, ScopeMissing, SharedBudget
from adloom_sdk.testing.bench import Bench
from adloom_sdk.testing.fakes import Answer, Request
from adloom_sdk.testing.faults import Fault
from adloom_sdk.writing import carry_out, inverse
from sandbox.platforms.linkedin_ads import LinkedInAds


def action(account: Account, kind: ActionKind, entity_id: str, level: Level = Level.CAMPAIGN, **more: object) -> Action:
    return Action(kind=kind, ref=EntityRef(account=account, level=level, id=entity_id), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("level", "kind"),
    [(Level.CAMPAIGN, Kind.CAMPAIGNS), (Level.AD, Kind.ADS)],
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


def test_what_was_changed_elsewhere_is_not_overwritten(bench: Bench, fake: LinkedInAds) -> None:
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
    bench: Bench, fake: LinkedInAds, fault: str
) -> None:
    account = bench.account()
    target = next(one for one in bench.read(Kind.CAMPAIGNS, account) if one.status is EntityStatus.ACTIVE)
    fake.faults.add(Fault(kind=fault, path="adCampaigns", method="POST"))
    result = carry_out(bench.connector, bench.ctx(), action(account, ActionKind.PAUSE, target.id))
    assert result.after.status is EntityStatus.PAUSED
    assert len([one for one in fake.journal if one.method == "POST"]) == 1


def test_a_sign_in_for_reading_only_cannot_write(bench: Bench, fake: LinkedInAds) -> None:
    account = bench.account()
    target = bench.read(Kind.CAMPAIGNS, account)[0]
    ctx = bench.ctx(bench.credentials(bench.token(fake.read_scope)))
    with pytest.raises(ScopeMissing):
        carry_out(bench.connector, ctx, action(account, ActionKind.PAUSE, target.id))


def test_a_campaign_that_is_gone_is_named_so(bench: Bench) -> None:
    with pytest.raises(NotFound):
        carry_out(bench.connector, bench.ctx(), action(bench.account(), ActionKind.PAUSE, "999"))


def test_a_revoked_sign_in_changes_nothing(bench: Bench, fake: LinkedInAds) -> None:
    account = bench.account()
    target, ctx = bench.read(Kind.CAMPAIGNS, account)[0], bench.ctx()
    fake.consent.revoke_all()
    with pytest.raises(AuthRevoked):
        carry_out(bench.connector, ctx, action(account, ActionKind.PAUSE, target.id))


def test_a_ref_of_another_account_is_not_changed(bench: Bench) -> None:
    account, other = bench.account("USD"), bench.account("EUR")
    target = bench.read(Kind.CAMPAIGNS, account)[0]
    stray = action(account, ActionKind.PAUSE, target.id)
    moved = Action(kind=stray.kind, ref=EntityRef(account=other, level=Level.CAMPAIGN, id=target.id))
    with pytest.raises(NotFound):
        bench.connector.write(bench.ctx(), moved)


def test_a_budget_that_feeds_other_campaigns_is_left_alone(bench: Bench, fake: LinkedInAds) -> None:
    account = bench.account()
    shared = next(one for one in bench.read(Kind.CAMPAIGNS, account) if one.budget_owner is BudgetOwner.SHARED)
    change = action(account, ActionKind.SET_DAILY_BUDGET, shared.id, daily_budget_micros=50_000_000)
    with pytest.raises(SharedBudget):
        carry_out(bench.connector, bench.ctx(), change)
    assert not [one for one in fake.journal if one.method == "POST"]


def test_a_server_fault_on_a_change_leaves_its_outcome_open(bench: Bench, fake: LinkedInAds) -> None:
    account = bench.account()
    target = next(one for one in bench.read(Kind.CAMPAIGNS, account) if one.status is EntityStatus.ACTIVE)
    fake.faults.add(Fault(kind="server_error", method="POST"))
    with pytest.raises(OutcomeUnknown):
        carry_out(bench.connector, bench.ctx(), action(account, ActionKind.PAUSE, target.id))
    assert len([one for one in fake.journal if one.method == "POST"]) == 1


def test_the_field_that_linkedin_refuses_is_named(bench: Bench) -> None:
    account = bench.account()
    target = bench.read(Kind.CAMPAIGNS, account)[0]
    change = action(account, ActionKind.SET_DAILY_BUDGET, target.id, daily_budget_micros=0)
    with pytest.raises(BadRequest) as caught:
        bench.connector.write(bench.ctx(), change)
    assert caught.value.field == "/Campaign/dailyBudget/amount"


def test_a_creative_has_no_budget(bench: Bench) -> None:
    account = bench.account()
    ad = bench.read(Kind.ADS, account)[0]
    change = action(account, ActionKind.SET_DAILY_BUDGET, ad.id, Level.AD, daily_budget_micros=1_000_000)
    with pytest.raises(BadRequest):
        bench.connector.write(bench.ctx(), change)


def test_yen_go_without_a_fraction_and_the_method_header_makes_it_partial(bench: Bench, fake: LinkedInAds) -> None:
    account, seen = bench.account("JPY"), []
    target, plain = bench.read(Kind.CAMPAIGNS, account)[0], fake.handle

    def watched(request: Request) -> Answer:
        seen.append(request)
        return plain(request)

    fake.handle = watched  # type: ignore[method-assign]  # a look at what is sent
    change = action(account, ActionKind.SET_DAILY_BUDGET, target.id, daily_budget_micros=20_000_000_000)
    bench.connector.write(bench.ctx(), change)
    assert seen[-1].json() == {"patch": {"$set": {"dailyBudget": {"amount": "20000", "currencyCode": "JPY"}}}}
    assert seen[-1].headers["x-restli-method"] == "PARTIAL_UPDATE"
