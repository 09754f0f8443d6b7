"""Removing a connection: its sign-in goes at once, everything else in a job that can be killed and run again, and figures follow."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import text

from app.audit.service import latest
from app.connections.connecting import disconnect
from app.connections.events import ConnectionRemoving, announce
from app.connections.service import connection_by_id
from app.flows import connect_flows
from app.sync.running import take_turns
from kit.errors import NotFound
from kit.jobs import Transient
from tenants.workspaces.principal import UserRef
from tests.connections.desk import Desk

DAY = date(2026, 5, 1)


def read_something(desk: Desk) -> tuple[UUID, UUID]:
    """A connection with one account, a campaign and its day, which is in the figures."""
    connection_id = desk.connect()
    account = next(row for row in desk.accounts(connection_id) if row.currency == "USD" and not row.problem)
    with desk.planes.begin_tenant(desk.person.tenant) as session:
        values = {"id": account.id, "day": DAY}
        for statement in (
            "INSERT INTO channels (id, key, name, slot) VALUES (gen_random_uuid(), 'facebook_ads', 'Facebook Ads', 0)",
            "INSERT INTO exchange_rates (currency, day, rate, source) VALUES ('USD', :day, 1, 'Test')",
            (
                "INSERT INTO campaigns (id, account_id, platform_id, channel_id, name, status, currency)"
                " SELECT gen_random_uuid(), :id, 'one', id, 'One', 'active', 'USD' FROM channels"
            ),
            "INSERT INTO campaign_days (campaign_number, day, spend_micros, finality) SELECT number, :day, 5, 2 FROM campaigns",
            "INSERT INTO channel_days (day, channel_id, spend_micros) SELECT :day, id, 5 FROM channels",
        ):
            session.execute(text(statement), values)
    return connection_id, account.id


def counts(desk: Desk) -> dict[str, int]:
    with desk.planes.tenant(desk.person.tenant) as session:
        tables = (
            "connections",
            "connection_secrets",
            "ad_accounts",
            "campaigns",
            "campaign_days",
            "channel_days",
            "channels",
        )
        return {name: session.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in tables}


def test_the_sign_in_goes_at_once_and_everything_else_with_the_job(desk: Desk) -> None:
    connection_id, _ = read_something(desk)
    desk.post(f"/connections/{connection_id}/remove")
    assert desk.connection(connection_id).state == "removing"
    assert counts(desk)["connection_secrets"] == 0
    assert counts(desk)["campaign_days"] == 1
    assert desk.work() == "done"
    assert set(counts(desk).values()) == {0}
    with desk.planes.tenant(desk.person.tenant) as session:
        assert [entry.action for entry in latest(session)].count("connection.removed") == 1


def test_a_removal_that_is_asked_for_twice_is_one_and_a_second_run_finds_nothing(desk: Desk) -> None:
    connection_id, _ = read_something(desk)
    actor = UserRef(desk.person.user_id, "mia@example.org", "Mia", is_verified=True)
    with desk.planes.begin_tenant(desk.person.tenant) as session:
        connection = connection_by_id(session, connection_id)
        first = disconnect(session, connection=connection, actor=actor)
        assert disconnect(session, connection=connection, actor=actor) == first
    assert desk.work() == "done"
    with pytest.raises(NotFound), desk.planes.tenant(desk.person.tenant) as session:
        connection_by_id(session, connection_id)
    with desk.planes.begin_control() as control:
        control.execute(text("UPDATE control.jobs SET state = 'waiting', attempts = 0 WHERE id = :id"), {"id": first})
    assert desk.work() == "done"


def test_a_removal_waits_for_a_sync_that_is_under_way(desk: Desk) -> None:
    connect_flows()
    _, account_id = read_something(desk)
    with desk.planes.tenant(desk.person.tenant) as reading, desk.planes.tenant(desk.person.tenant) as removing:
        take_turns(reading, account_ids=[account_id])
        with pytest.raises(Transient, match="still being read"):
            announce(removing, ConnectionRemoving((account_id,)))
    assert counts(desk)["campaign_days"] == 1


def test_a_check_that_still_waits_does_not_bring_a_removed_connection_back(desk: Desk) -> None:
    connection_id, _ = read_something(desk)
    desk.post(f"/connections/{connection_id}/check")
    desk.post(f"/connections/{connection_id}/remove")
    assert desk.work() == "done"
    assert desk.connection(connection_id).state == "removing"
    assert desk.work() == "done"
    assert desk.connections() == []


def test_a_connection_that_is_going_takes_no_room_in_the_plan(desk: Desk) -> None:
    for _ in range(2):
        desk.connect()
    with desk.planes.begin_control() as control:
        control.execute(
            text("UPDATE control.subscriptions SET plan_code = 'free' WHERE workspace_id = :id"),
            {"id": desk.person.workspace_id},
        )
    assert desk.post("/connections/new/meta_ads").status_code == 402
    desk.post(f"/connections/{desk.connections()[0].id}/remove")
    assert desk.post("/connections/new/meta_ads").status_code == 303
