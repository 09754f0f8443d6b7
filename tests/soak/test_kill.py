"""Sixty kills at random, of everything that takes part in an import: what a reply promised is done, and nothing is done twice."""

import os
import random
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from time import sleep

import pytest

from benchmarks.machine import describe
from tenants.isolation.planes import Planes, open_planes
from tenants.isolation.setup import owner_engine, upgrade_database
from tests.people import Person, make_person
from tests.soak.keeper import WORKERS, Keeper
from tests.soak.outcome import FAULTS, count_merges, judge, read_stored, wait_until_drained
from tests.soak.uploads import Uploaders

KILLS = int(os.environ.get("ADLOOM_SOAK_KILLS", "60"))
KINDS = ("web", "dispatcher", "worker", "valkey", "postgres")


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_sixty_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    random.seed(seed)
    with ExitStack() as held:
        keeper = Keeper(tmp_path, held)
        planes, person = _set_up(keeper, held)
        keeper.start_programs()
        uploaders = Uploaders(person, keeper.settings.base_url, number=6, pause_s=0.1)
        uploaders.start()
        held.callback(uploaders.stop, give_up=True)
        kills = _kill(keeper)
        keeper.wait_ready()
        uploaders.stop()
        drained_s = wait_until_drained(planes)
        report = judge(uploaders.told, read_stored(planes, person.tenant))
    told = uploaders.told
    print(  # noqa: T201 the figures are what it is run for
        f"\nsoak — {describe()} — seed {seed}\n  kills {dict(kills)}; requests {dict(Counter(told.outcomes))};"
        f" drained {drained_s:.0f} s after the last\n  {report}"
    )
    assert told.unexpected == []
    assert report["promised"] > KILLS
    assert {name: report[name] for name in FAULTS} == dict.fromkeys(FAULTS, 0)


def _kill(keeper: Keeper) -> Counter[str]:
    """Each kind as often as any other, in random order and at random moments."""
    order = [KINDS[number % len(KINDS)] for number in range(KILLS)]
    random.shuffle(order)
    for kind in order:
        sleep(random.uniform(0.3, 3.0))
        keeper.kill(random.choice(WORKERS) if kind == "worker" else kind)
    return Counter(order)


def _set_up(keeper: Keeper, held: ExitStack) -> tuple[Planes, Person]:
    settings = keeper.settings
    upgrade_database(settings)
    planes = open_planes(settings, application_name="adloom-soak")
    held.callback(planes.close)
    person = make_person(settings, planes, name="Sam Soak", plan="premium")
    with owner_engine(settings).begin() as owner:
        count_merges(owner, person.tenant.schema_name)
    return planes, person
