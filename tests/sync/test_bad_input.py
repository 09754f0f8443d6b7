"""Every connector meets every kind of bad input in a real sync: its class, one sentence, what to do, who acts; what is stored stays."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from adloom_sdk import errors
from adloom_sdk.errors import Pauses, PlatformError, Who
from adloom_sdk.testing.bench import Bench
from adloom_sdk.testing.kit.rig import NOW, Rig, an_account
from adloom_sdk.testing.world import Shape
from app.campaigns.rates import keep_own_currency
from app.connections.models import AdAccount, Connection
from app.connections.opening import Opened, Watching
from app.sync.running import Around, Outcome, run_account
from benchmarks.bad_input import CASES, PAGE, Case, arm, page, rigs
from kit.settings import Settings
from tenants.isolation.planes import Planes
from tests.canary import holds_a_canary
from tests.people import make_person
from tests.sync.conftest import Place

SHAPE = Shape(campaigns=3, ad_groups=1, ads=1, history_days=60)
RIGS = {rig.manifest.key: rig for rig in rigs()}
PAIRS = [(key, case) for key in RIGS for case in CASES]
# The classes that each case may end with; none where everything is read all the same.
CLASSES: dict[str, set[str]] = {
    "Wrong credentials": {"AuthRevoked", "AuthExpired"},
    "Unknown sign-in": {"AuthRevoked", "AuthExpired"},
    "Wrong app secret": {"AppMisconfigured"},
    "Missing permission": {"ScopeMissing"},
    "App not approved": {"AppNotApproved"},
    "Disabled account": {"AccountDisabled"},
    "Retired version": {"VersionSunset"},
    "A web page instead of data": {"SchemaDrift"},
    "Missing fields": {"SchemaDrift"},
}
_STATES = {Who.USER: "needs_sign_in", Who.OPERATOR: "needs_operator", Who.AUTHOR: "active"}
# In New York, where it is still the day before.
TODAY = NOW.date() - timedelta(days=1)
_JARGON = re.compile(
    r"\b(?:API|HTTP|JSON|HTML|OAuth|token|scope|endpoint|payload|schema|null|None|enum|int|str|object|field|HTTP \d+)\b"
    r"|[{}\[\]`$_]|https?:"
)


@dataclass
class Synced:
    """An account of one platform that was read once on a good day."""

    rig: Rig
    bench: Bench
    account_id: UUID
    stored: dict[str, list[Any]]


@pytest.fixture(scope="module")
def home(settings: Settings, planes: Planes) -> Place:
    """One workspace for every platform."""
    made = Place(planes, make_person(settings, planes, name="Berta Bad-Input", plan="premium"))
    with made.session() as session:
        keep_own_currency(session, "EUR")
    return made


@pytest.fixture(scope="module")
def synced(home: Place) -> Callable[[str], Synced]:
    """An account of a platform, synced when it is first asked for."""
    known: dict[str, Synced] = {}

    def get(key: str) -> Synced:
        if key not in known:
            known[key] = _first_sync(home, RIGS[key])
        return known[key]

    return get


def _first_sync(home: Place, rig: Rig) -> Synced:
    bench = rig.bench(shape=SHAPE)
    account_id = _connected(home, bench)
    # The first sync reads the newest month, the second everything that may still change.
    assert [_sync(home, bench, account_id, {}).state for _ in range(2)] == ["done", "done"]
    return Synced(rig, bench, account_id, _stored(home, account_id))


def _connected(home: Place, bench: Bench) -> UUID:
    account = an_account(bench)
    with home.session() as session:
        connection = Connection(
            connector_key=bench.connector.manifest.key, label="x", state="active", connected_by=home.person.user_id
        )
        session.add(connection)
        session.flush()
        row = AdAccount(
            connection_id=connection.id,
            connector_key=connection.connector_key,
            platform_id=account.id,
            name=account.name,
            currency=account.currency,
            timezone=account.timezone,
            status=account.status.value,
            parent_platform_id=account.parent_id,
            is_selected=True,
        )
        session.add(row)
        session.flush()
        return row.id


def _sync(home: Place, bench: Bench, account_id: UUID, options: dict[str, Any]) -> Outcome:
    """One run, as a worker makes it."""

    @contextmanager
    def opener(_session: Session, _connection: Connection, /, *, watching: Watching) -> Iterator[Opened]:
        ctx = bench.ctx(is_cancelled=watching.is_cancelled, on_exchange=watching.on_exchange, **options)
        try:
            yield Opened(bench.connector, ctx)
        finally:
            ctx.http.close()

    with home.session() as session:
        around = Around(opener=opener, clock=bench.fake.world.clock.now, is_last_attempt=True)
        return run_account(session, account_id=account_id, kind="manual", around=around)


def _stored(home: Place, account_id: UUID) -> dict[str, list[Any]]:
    """Everything that is stored of numbers up to yesterday, and of entities but for their status."""
    found = {
        table: home.rows(f"SELECT platform_id, name FROM {table} WHERE account_id = :id ORDER BY 1", id=account_id)
        for table in ("campaigns", "ad_groups", "ads")
    }
    for level in ("campaign", "ad"):
        found[f"{level}_days"] = home.rows(
            f"SELECT d::text FROM {level}_days d JOIN {level}s ON number = {level}_number"
            " WHERE account_id = :id AND day < :today ORDER BY 1",
            id=account_id,
            today=TODAY,
        )
    found["revenue_days"] = home.rows(
        "SELECT d::text FROM revenue_days d WHERE account_id = :id AND day < :today ORDER BY 1",
        id=account_id,
        today=TODAY,
    )
    return found


@pytest.mark.parametrize(("key", "case"), PAIRS, ids=[f"{key}-{case.name}" for key, case in PAIRS])
def test_bad_input_has_a_class_a_sentence_and_somebody_who_acts_and_harms_no_data(
    home: Place, synced: Callable[[str], Synced], key: str, case: Case
) -> None:
    known = synced(key)
    outcome = _sync(home, known.bench, known.account_id, arm(known.rig, known.bench, case))
    [(state, code, sentence, to_do)] = home.rows(
        "SELECT state, problem_code, problem, what_to_do FROM sync_runs WHERE account_id = :id"
        " ORDER BY created_at DESC LIMIT 1",
        id=known.account_id,
    )
    try:
        if case.is_harmless:
            assert (outcome.state, state, code, sentence, to_do) == ("done", "done", "", "", "")
        else:
            assert (outcome.state, state) == ("failed", "failed")
            assert code in CLASSES[case.name], sentence
            _is_a_sentence_for_people(known.rig.manifest.title, sentence, to_do)
            _stops_what_it_concerns(home, known.account_id, getattr(errors, code), sentence)
        assert _stored(home, known.account_id) == known.stored
    finally:
        _well_again(home, known)


def _is_a_sentence_for_people(title: str, sentence: str, to_do: str) -> None:
    """It names the platform, is one sentence, and holds neither jargon nor a secret; then what to do."""
    assert re.search(rf"\b{title.split(maxsplit=1)[0]}\b", sentence), sentence
    for text in (sentence, to_do):
        assert text.endswith("."), text
        assert text.count(". ") == 0, text
        assert len(text) <= 120, text
        assert not _JARGON.search(text), text
        assert not holds_a_canary(text)


def _stops_what_it_concerns(home: Place, account_id: UUID, kind: type[PlatformError], sentence: str) -> None:
    """An account's problem leaves the connection alone; a sign-in's or the operator's does not."""
    [(state, of_connection, of_account)] = home.rows(
        "SELECT c.state, c.problem, a.problem FROM connections c JOIN ad_accounts a ON a.connection_id = c.id"
        " WHERE a.id = :id",
        id=account_id,
    )
    if kind.pauses in {Pauses.CONNECTION, Pauses.PLATFORM}:
        assert (state, of_connection) == (_STATES[kind.who], sentence)
    else:
        assert (state, of_account) == ("active", sentence)


def _well_again(home: Place, known: Synced) -> None:
    """As a new sign-in leaves it."""
    known.bench.fake.faults.clear()
    with home.session() as session:
        account = session.get_one(AdAccount, known.account_id)
        connection = session.get_one(Connection, account.connection_id)
        connection.state = "active"
        for thing in (connection, account):
            thing.problem_code, thing.problem, thing.what_to_do, thing.problem_at = "", "", "", None


@pytest.mark.parametrize("key", RIGS)
def test_once_it_is_over_the_next_sync_goes_on(home: Place, synced: Callable[[str], Synced], key: str) -> None:
    known = synced(key)
    assert _sync(home, known.bench, known.account_id, {}).state == "done"
    assert _stored(home, known.account_id) == known.stored
    assert home.rows(
        "SELECT count(*) FROM campaigns WHERE account_id = :id AND status = 'other'", id=known.account_id
    ) == [(0,)]


def test_the_page_of_problems_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "run `.venv/bin/python -m benchmarks.bad_input > docs/reference/connector-problems.md`"
    )
