"""A connection that is removed while it is read: the run stops at its next step, so that the removal need not wait for it."""

import pytest
from sqlalchemy import text

from adloom_sdk.messages import ReadRequest
from kit.jobs import JobCancelled
from tests.sync.conftest import Place
from tests.sync.made_up import MadeUp, made_up_world


def test_a_run_stops_where_its_connection_is_being_removed(place: Place) -> None:
    world = made_up_world()
    [account_id] = place.connect(world, "EUR")

    def remove(_request: ReadRequest, _page: int) -> None:
        with place.session() as session:
            session.execute(text("UPDATE connections SET state = 'removing'"))

    with pytest.raises(JobCancelled):
        place.sync(account_id, MadeUp(world, trouble=remove))
    assert place.rows("SELECT state FROM sync_runs") == [("cancelled",)]
    assert place.rows("SELECT count(*) FROM campaign_days") == [(0,)]
    assert place.sync(account_id, MadeUp(world)).state == "skipped"
    assert place.rows("SELECT state FROM connections") == [("removing",)]
