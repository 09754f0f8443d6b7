"""A plan's limit of channels loses no data: what a sync brings beyond it is stored, counted in no figure, and counted once there is room."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.campaigns.channels import StandardName, channel_count, create_channel, learn_names
from app.campaigns.queries import uncounted_channels, uncounted_notice
from app.campaigns.rates import keep_own_currency
from app.performance.service import PeriodRequest, overview
from app.sync.channels import settle_channels
from billing.entitlements import current_plan
from billing.plans import FREE, PREMIUM, Entitlement
from billing.service import set_plan
from kit.errors import PlanDoesNotInclude
from kit.settings import Settings
from tenants.isolation.planes import Planes
from tests.people import make_person
from tests.sync.conftest import Place
from tests.sync.made_up import NOW, MadeUp, made_up_world

LIMIT = FREE.limit(Entitlement.CHANNELS)


@pytest.fixture
def full(settings: Settings, planes: Planes) -> Place:
    """A free workspace whose channels are all taken, by imports."""
    assert LIMIT is not None
    place = Place(planes, make_person(settings, planes, name="Fred Full"))
    with place.session() as session:
        keep_own_currency(session, "EUR")
        names = {f"C{number}": StandardName(f"c{number}", f"C{number}") for number in range(LIMIT)}
        learn_names(session, names=names, plan=FREE)
    return place


def synced(place: Place) -> MadeUp:
    connector = MadeUp(made_up_world())
    [account_id] = place.connect(connector.world, "EUR")
    assert place.sync(account_id, connector).state == "done"
    return connector


def figures(place: Place) -> int:
    return int(place.rows("SELECT count(*) FROM channel_days")[0][0])


def test_a_tenant_knows_its_own_plan_and_follows_it(full: Place, planes: Planes) -> None:
    with full.session() as session:
        assert current_plan(session) == FREE
    with planes.begin_control() as control:
        set_plan(control, workspace_id=full.person.workspace_id, plan_code="premium")
    with full.session() as session:
        assert current_plan(session) == PREMIUM


def test_what_a_sync_brings_beyond_the_limit_is_kept_and_counted_nowhere(full: Place) -> None:
    synced(full)
    assert full.rows("SELECT count(*) > 0 FROM campaign_days") == [(True,)]
    assert figures(full) == 0
    with full.session() as session:
        assert [channel.key for channel in uncounted_channels(session)] == ["facebook_ads"]
        assert channel_count(session) == LIMIT
        notice = uncounted_notice(session)
        shown = overview(
            session, period=PeriodRequest(), plan=FREE, currency="EUR", today=NOW.date() + timedelta(days=1)
        )
    assert notice.startswith("Facebook Ads is read and kept, but counted in no figure")
    assert notice in [one.text for one in shown.notices if one.is_limit]
    assert shown.totals["spend"] is None


def test_an_import_of_that_channel_is_refused_as_any_new_one_is(full: Place) -> None:
    synced(full)
    with full.session() as session, pytest.raises(PlanDoesNotInclude):
        learn_names(session, names={"FB": StandardName("facebook_ads", "Facebook Ads")}, plan=FREE)


def test_with_a_larger_plan_the_next_sync_counts_all_of_it(full: Place, planes: Planes) -> None:
    connector = synced(full)
    with planes.begin_control() as control:
        set_plan(control, workspace_id=full.person.workspace_id, plan_code="premium")
    [(account_id,)] = full.rows("SELECT id FROM ad_accounts")
    assert full.sync(account_id, connector).state == "done"
    told = full.rows("SELECT sum(spend_micros)::bigint FROM campaign_days")
    assert full.rows("SELECT sum(spend_micros)::bigint FROM channel_days") == told
    with full.session() as session:
        assert uncounted_notice(session) == ""


def test_a_channel_that_goes_makes_room(full: Place) -> None:
    synced(full)
    with full.session() as session:
        session.execute(text("DELETE FROM channel_names WHERE source_name = 'C0'"))
        settle_channels(session)
        assert uncounted_channels(session) == []
        assert channel_count(session) == LIMIT
    assert figures(full) > 0


def test_within_the_limit_nothing_waits(place: Place) -> None:
    synced(place)
    with place.session() as session:
        assert uncounted_notice(session) == ""
        waiting = [create_channel(session, key=key, name=key, is_counted=False) for key in ("a", "b")]
        assert uncounted_notice(session).startswith("a and b are read and kept")
        assert len(waiting) == 2
    assert figures(place) > 0
