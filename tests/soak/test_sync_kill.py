"""A hundred kills at random of worker, PostgreSQL, Valkey and the sandbox while platforms are read: the tables are those of a quiet sync."""

import os
import random
import threading
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

import pytest

from benchmarks.machine import describe
from tenants.isolation.planes import Planes, open_planes
from tenants.isolation.setup import upgrade_database
from tests.people import make_person
from tests.soak.advertiser import Advertiser
from tests.soak.days import against_ledger, days_of, differing, jobs_by_state
from tests.soak.keeper import WORKERS, Keeper

KILLS = int(os.environ.get("ADLOOM_SOAK_SYNC_KILLS", "100"))
KINDS = ("worker", "postgres", "valkey", "sandbox")


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_a_hundred_kills_during_syncs_lose_no_row_and_double_none(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    random.seed(seed)
    with ExitStack() as held:
        keeper = Keeper(tmp_path, held)
        planes = _set_up(keeper, held)
        keeper.start_sandbox(seen_at=datetime.now(UTC))
        keeper.start_programs()
        disturbed = _advertiser(keeper, planes, "Kim Killed")
        kills = _kill_meanwhile(keeper, disturbed, held)
        keeper.wait_ready()
        began_s = monotonic()
        disturbed.choose_all()
        rounds = disturbed.finish()
        finished_s = monotonic() - began_s
        quiet = _advertiser(keeper, planes, "Quinn Quiet")
        began_s = monotonic()
        quiet.choose_all()
        quiet.finish()
        quiet_s = monotonic() - began_s
        ours, theirs = days_of(planes, disturbed.person.tenant), days_of(planes, quiet.person.tenant)
        faults = {name: differing(ours[name], theirs[name]) for name in ours}
        ledger = against_ledger(ours["campaign_days"], keeper.sandbox.url)
        jobs = jobs_by_state(planes, disturbed.person.workspace_id)
    print(  # noqa: T201 the figures are what it is run for
        f"\nsyncs under kills — {describe()} — seed {seed}\n  kills {dict(kills)}; {disturbed.syncs} times sync of everything;"
        f" {disturbed.asked_anew} requests asked anew; jobs {jobs}; {rounds} rounds asked for afterwards;"
        f" whole {finished_s:.0f} s after the last kill; quiet sync {quiet_s:.0f} s\n"
        f"  rows { ({name: len(rows) for name, rows in ours.items()}) }; faults {faults}; account days against the ledger {ledger}"
    )
    assert all(theirs.values())
    assert faults == {name: {"lost": 0, "of nobody": 0, "different": 0} for name in ours}
    assert ledger["days"] > 0
    assert ledger["differing"] == 0


def _kill_meanwhile(keeper: Keeper, advertiser: Advertiser, held: ExitStack) -> Counter[str]:
    """Each kind as often as any other, in random order and at random moments, while syncs are under way."""
    asking = threading.Thread(target=advertiser.go_on, name="advertiser")
    asking.start()
    held.callback(asking.join)
    held.callback(advertiser.stop)
    order = [KINDS[number % len(KINDS)] for number in range(KILLS)]
    random.shuffle(order)
    for kind in order:
        sleep(random.uniform(0.1, 1.2))
        keeper.kill(random.choice(WORKERS) if kind == "worker" else kind)
    keeper.wait_ready()
    advertiser.stop()
    asking.join()
    return Counter(order)


def _set_up(keeper: Keeper, held: ExitStack) -> Planes:
    upgrade_database(keeper.settings)
    planes = open_planes(keeper.settings, application_name="adloom-soak")
    held.callback(planes.close)
    return planes


def _advertiser(keeper: Keeper, planes: Planes, name: str) -> Advertiser:
    """Somebody new whose platforms are connected."""
    person = make_person(keeper.settings, planes, name=name, plan="premium")
    advertiser = Advertiser(planes, person, keeper.settings.base_url)
    advertiser.connect()
    return advertiser
