"""The channel map: learnt from files, changed by people, applied backwards."""

from collections.abc import Callable, Iterator

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import text

from app.campaigns.channels import StandardName, learn_names
from app.campaigns.queries import known_names
from app.campaigns.service import change_meanings, key_of
from billing.plans import FREE, PREMIUM
from kit.db import ScopedSession
from kit.errors import InvalidInput, NotFound, PlanDoesNotInclude
from kit.ids import new_id
from kit.settings import Settings
from tenants.isolation.planes import Planes
from tenants.workspaces.principal import UserRef
from tests.people import Person, make_person

USER = UserRef(new_id(), "ada@example.org", "Ada", is_verified=True)
NAMES = {
    "FB": StandardName("facebook_ads", "Facebook Ads"),
    "Meta brand": StandardName("meta_brand", "Meta brand"),
    "TV": StandardName("tv", "TV"),
}


@pytest.fixture(scope="session")
def merchant(settings: Settings, planes: Planes) -> Person:
    return make_person(settings, planes, name="Mona Merchant", plan="premium")


@pytest.fixture
def session(planes: Planes, merchant: Person) -> Iterator[ScopedSession]:
    """A workspace with three names and ten rows of each; taken back afterwards."""
    with planes.tenant(merchant.tenant) as session:
        learn_names(session, names=NAMES, plan=PREMIUM)
        _store(session)
        yield session


def _store(session: ScopedSession) -> None:
    session.execute(
        text(
            "INSERT INTO daily_facts (day, source_name, campaign, channel_id, import_id, spend_micros, revenue_micros) "
            "SELECT date '2026-03-01' + d, n.source_name, '', n.channel_id, gen_random_uuid(), 1000000, 3000000 "
            "FROM channel_names n, generate_series(0, 9) d"
        )
    )


def spend_by_channel(session: ScopedSession) -> dict[str, int]:
    rows = session.execute(
        text(
            "SELECT c.name, sum(d.spend_micros) / 1000000 FROM channel_days d JOIN channels c ON c.id = d.channel_id "
            "GROUP BY c.name"
        )
    )
    return {name: int(spend) for name, spend in rows}


def test_a_change_moves_what_is_stored_and_leaves_no_empty_channel(session: ScopedSession) -> None:
    moved = change_meanings(session, changes={"Meta brand": "Facebook Ads"}, plan=PREMIUM, user=USER)
    assert moved == 10
    assert spend_by_channel(session) == {"Facebook Ads": 20, "TV": 10}
    assert {known.channel_name for known in known_names(session)} == {"Facebook Ads", "TV"}
    assert session.execute(text("SELECT count(*) FROM channels")).scalar() == 2


def test_a_custom_meaning_outlives_the_next_file(session: ScopedSession) -> None:
    change_meanings(session, changes={"FB": "TV"}, plan=PREMIUM, user=USER)
    learn_names(session, names=NAMES, plan=PREMIUM)
    known = {row.source_name: (row.channel_name, row.is_custom) for row in known_names(session)}
    assert known["FB"] == ("TV", True)


def test_a_new_name_makes_a_new_channel(session: ScopedSession) -> None:
    assert change_meanings(session, changes={"TV": "  Connected   TV "}, plan=PREMIUM, user=USER) == 10
    assert spend_by_channel(session)["Connected TV"] == 10


def test_choosing_what_is_so_already_moves_nothing(session: ScopedSession) -> None:
    assert change_meanings(session, changes={"FB": "facebook ads", "TV": "tv"}, plan=PREMIUM, user=USER) == 0
    assert not any(known.is_custom for known in known_names(session))


@pytest.mark.parametrize("wanted", ["", "   ", "x" * 61, "a\x00b", "whole day"])
def test_what_is_no_name_is_refused(session: ScopedSession, wanted: str) -> None:
    with pytest.raises(InvalidInput):
        change_meanings(session, changes={"TV": wanted}, plan=PREMIUM, user=USER)


def test_a_name_that_no_file_has_used_is_not_found(session: ScopedSession) -> None:
    with pytest.raises(NotFound):
        change_meanings(session, changes={"Radio": "TV"}, plan=PREMIUM, user=USER)


def test_the_plans_number_of_channels_counts_here_too(session: ScopedSession) -> None:
    more = {f"Name {i}": StandardName(f"name_{i}", f"Name {i}") for i in range(2)}
    learn_names(session, names=more, plan=PREMIUM)
    with pytest.raises(PlanDoesNotInclude):
        change_meanings(session, changes={"FB": "One more"}, plan=FREE, user=USER)


def test_every_change_is_written_down(session: ScopedSession) -> None:
    change_meanings(session, changes={"FB": "TV"}, plan=PREMIUM, user=USER)
    entry = session.execute(text("SELECT action, subject, details FROM audit_log")).one()
    assert tuple(entry) == ("channel.mapped", "FB", {"channel": "tv", "rows": 10})


@pytest.mark.parametrize(("name", "key"), [("Facebook Ads", "facebook_ads"), ("Außen-Werbung", "aussen_werbung")])
def test_a_key_is_made_of_the_name(name: str, key: str) -> None:
    assert key_of(name) == key


def test_names_without_a_latin_letter_have_keys_of_their_own() -> None:
    assert key_of("电视") != key_of("广播")


@pytest.fixture
def filled(client: TestClient[Litestar], settings: Settings, planes: Planes) -> Callable[[], Person]:
    """Somebody whose workspace has two names, committed."""

    def make() -> Person:
        person = make_person(settings, planes, name="Cora Channel", plan="premium")
        with planes.begin_tenant(person.tenant) as session:
            learn_names(session, names=NAMES, plan=PREMIUM)
            _store(session)
        return person

    return make


def test_the_page_changes_meanings_and_says_how_many_rows_moved(
    client: TestClient[Litestar], filled: Callable[[], Person]
) -> None:
    person = filled()
    page = person.request(client, "GET", person.at("/channels"))
    assert page.status_code == 200
    assert page.text.count('name="name-') == 3
    form = {"name-1": "FB", "channel-1": "Facebook Ads", "name-2": "Meta brand", "channel-2": "Facebook Ads"}
    saved = person.request(client, "POST", person.at("/channels"), data=form)
    assert saved.status_code == 303
    flash = bytes.fromhex(saved.headers["set-cookie"].split("adloom_flash=")[1].split(";")[0]).decode()
    assert "10 stored rows moved" in flash


def test_a_refused_change_changes_nothing_and_keeps_what_was_typed(
    client: TestClient[Litestar], filled: Callable[[], Person]
) -> None:
    person = filled()
    form = {"name-1": "FB", "channel-1": "Radio", "name-3": "TV", "channel-3": "whole day"}
    refused = person.request(client, "POST", person.at("/channels"), data=form)
    assert refused.status_code == 422
    assert 'value="Radio"' in refused.text
    assert "Facebook Ads" in person.request(client, "GET", person.at("/channels")).text


def test_programs_read_and_change_the_map(client: TestClient[Litestar], filled: Callable[[], Person]) -> None:
    person = filled()
    headers = {"x-workspace": str(person.workspace_id)}
    body = {"names": {"FB": "tv"}}
    changed = person.request(client, "PUT", "/api/v1/channels/mapping", json=body, headers=headers)
    assert changed.status_code == 200
    assert changed.json()["rows_moved"] == 10
    shown = person.request(client, "GET", "/api/v1/channels/mapping", headers=headers).json()
    assert {name["source_name"]: name["channel"] for name in shown["names"]} == {
        "FB": "tv",
        "TV": "tv",
        "Meta brand": "meta_brand",
    }


def test_a_workspace_without_channels_says_where_they_come_from(client: TestClient[Litestar], owner: Person) -> None:
    page = owner.request(client, "GET", owner.at("/channels"))
    assert "They appear with your first import." in page.text
