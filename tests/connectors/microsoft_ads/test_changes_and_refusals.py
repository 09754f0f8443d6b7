"""Changes reach Microsoft once, and what it refuses becomes the error that says who must act."""

from datetime import date
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from adloom_microsoft_ads.manifest import MANIFEST, SCOPE

from adloom_sdk import Action, ActionKind, EntityRef, EntityState, EntityStatus, Kind, Level, OAuth2, errors, oauth2
from adloom_sdk.testing.bench import APP, Bench, sums, truth
from adloom_sdk.testing.faults import Fault
from adloom_sdk.writing import carry_out, inverse
from tests.connectors.microsoft_ads.test_reading import WINDOW, bench

BACK = "http://localhost/connections/callback"
UPDATE = {"path": "/CampaignManagement/v13/Campaigns", "method": "PUT"}


def campaign(at: Bench, index: int = 0) -> EntityRef:
    """The account's campaign of this number; the fourth shares its budget."""
    account = at.account("EUR")
    world_account = at.fake.world.account(account.id)
    assert world_account is not None
    return EntityRef(account=account, level=Level.CAMPAIGN, id=at.fake.world.campaigns(world_account)[index].id)


def test_a_campaign_is_paused_enabled_and_given_a_budget_and_each_is_undone() -> None:
    at = bench()
    ref, ctx = campaign(at), at.ctx()
    for action in (
        Action(kind=ActionKind.PAUSE, ref=ref),
        Action(kind=ActionKind.SET_DAILY_BUDGET, ref=ref, daily_budget_micros=123_450_000),
    ):
        before = at.connector.state(ctx, ref)
        result = carry_out(at.connector, ctx, action)
        assert result.request_id
        assert result.after == at.connector.state(ctx, ref) != before
        assert not carry_out(at.connector, ctx, action).was_needed
        undo = inverse(action, result)
        assert undo is not None
        carry_out(at.connector, ctx, undo)
        assert at.connector.state(ctx, ref) == before


def test_a_budget_that_feeds_other_campaigns_is_not_touched() -> None:
    at = bench()
    action = Action(kind=ActionKind.SET_DAILY_BUDGET, ref=campaign(at, 3), daily_budget_micros=5_000_000)
    with pytest.raises(errors.SharedBudget):
        carry_out(at.connector, at.ctx(), action)


def test_a_change_made_elsewhere_is_not_overwritten() -> None:
    at = bench()
    seen = EntityState(status=EntityStatus.ACTIVE, daily_budget_micros=1)
    action = Action(kind=ActionKind.SET_DAILY_BUDGET, ref=campaign(at), daily_budget_micros=9_000_000, expected=seen)
    with pytest.raises(errors.Conflict):
        carry_out(at.connector, at.ctx(), action)


def test_an_answer_that_arrives_cut_is_settled_by_reading() -> None:
    at = bench()
    at.fake.faults.add(Fault(kind="cut_body", times=1, **UPDATE))  # type: ignore[arg-type]  # texts only
    result = carry_out(at.connector, at.ctx(), Action(kind=ActionKind.PAUSE, ref=campaign(at)))
    assert result.after.status is EntityStatus.PAUSED
    assert sum(entry.method == "PUT" for entry in at.fake.journal) == 1


def test_a_lost_answer_is_settled_by_reading_never_by_sending_again() -> None:
    at = bench()
    at.fake.faults.add(Fault(kind="lost_response", times=1, **UPDATE))  # type: ignore[arg-type]  # texts only
    result = carry_out(at.connector, at.ctx(), Action(kind=ActionKind.PAUSE, ref=campaign(at)))
    assert result.after.status is EntityStatus.PAUSED
    assert sum(entry.method == "PUT" for entry in at.fake.journal) == 1


def test_a_change_that_microsoft_refuses_with_status_200_is_an_error() -> None:
    at = bench()
    with pytest.raises(errors.BadRequest, match="InvalidCampaignStatus"):
        at.connector.write(at.ctx(), Action(kind=ActionKind.SET_DAILY_BUDGET, ref=campaign(at), daily_budget_micros=0))
    gone = EntityRef(account=at.account("EUR"), level=Level.CAMPAIGN, id="1")
    with pytest.raises(errors.NotFound):
        at.connector.state(at.ctx(), gone)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("no_token", errors.AuthExpired),
        ("revoked", errors.AuthExpired),
        ("scope", errors.ScopeMissing),
        ("app_not_approved", errors.AppNotApproved),
        ("account_disabled", errors.AccountDisabled),
        ("throttled", errors.RateLimited),
        ("not_found", errors.NotFound),
        ("bad_request", errors.BadRequest),
        ("server_error", errors.Transient),
        ("cut_body", errors.Transient),
        ("sunset", errors.VersionSunset),
        ("html", errors.SchemaDrift),
    ],
)
def test_each_refusal_has_its_class(kind: str, error: type[Exception]) -> None:
    at = bench()
    account = at.account("EUR")
    at.fake.faults.add(Fault(kind=kind, path="GenerateReport"))
    with pytest.raises(error):
        at.daily(account, *WINDOW)


def test_a_page_where_a_report_was_due_is_told() -> None:
    at = bench()
    account = at.account("EUR")
    at.fake.faults.add(Fault(kind="html", path="/report-files/"))
    with pytest.raises(errors.SchemaDrift):
        at.daily(account, *WINDOW)


def test_a_refused_call_waits_out_the_minute() -> None:
    at = bench()
    account, began = at.account("EUR"), at.fake.world.clock.now()
    at.fake.faults.add(Fault(kind="throttled", path="Submit", times=1))
    assert sums(at.daily(account, *WINDOW)) == truth(at.ledger(account, *WINDOW, settled=False))
    assert (at.fake.world.clock.now() - began).total_seconds() >= 60


def test_a_missing_developer_token_is_the_operators_business() -> None:
    at = bench()
    with pytest.raises(errors.AppNotApproved):
        at.accounts(at.ctx(at.credentials(app={"developer_token": "wrong"})))


def test_a_token_that_ends_while_the_report_is_awaited_is_renewed_once() -> None:
    at = bench()
    account = at.account("EUR")
    at.fake.faults.add(Fault(kind="expire_token", path="Poll", times=1))
    assert sums(at.daily(account, *WINDOW)) == truth(at.ledger(account, *WINDOW, settled=False))
    assert at.fake.consent.refreshes == 1


def test_cancelling_ends_the_wait_for_a_report() -> None:
    at = bench()
    account = at.account("EUR")
    messages = at.messages(Kind.DAILY, account, date(2026, 11, 1), date(2026, 11, 2), level=Level.CAMPAIGN)
    next(messages)
    at.is_cancelled = lambda: True
    with pytest.raises(errors.Cancelled):
        list(messages)


def test_signing_in_gives_tokens_of_which_each_renews_once() -> None:
    at, auth = bench(), MANIFEST.auth
    assert isinstance(auth, OAuth2)
    address = oauth2.authorize_address(auth, APP, redirect_uri=BACK, state="s1")
    with httpx.Client(transport=at.fake.transport()) as browser:
        assert SCOPE in browser.get(address).text
        fields = dict(parse_qsl(urlsplit(address).query)) | {"decision": "allow", "grant": SCOPE}
        answer = browser.post(str(httpx.URL(address).join("/common/oauth2/v2.0/decide")), content=urlencode(fields))
    code = dict(parse_qsl(urlsplit(answer.headers["location"]).query))["code"]
    client = at.ctx().http
    with pytest.raises(errors.AppMisconfigured):
        oauth2.exchange_code(client, app=APP | {"client_secret": "wrong"}, code=code, redirect_uri=BACK)
    token = oauth2.exchange_code(client, app=APP, code=code, redirect_uri=BACK)
    fresh = oauth2.renew(client, app=APP, token=token)
    with pytest.raises(errors.AuthRevoked):
        oauth2.renew(client, app=APP, token=token)
    assert at.accounts(at.ctx(at.credentials(fresh)))
