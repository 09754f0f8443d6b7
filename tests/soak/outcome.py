"""What an installation holds after the kills, against what its users were told."""

from collections import Counter
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from billing.entitlements import used_this_month
from billing.plans import Entitlement
from kit.jobs.models import ACTIVE
from tenants.isolation.planes import Planes, Tenant
from tests.soak.uploads import ROWS, Told, campaign, expected, filename

DRAINED_WITHIN_S = 300


@dataclass(frozen=True)
class Stored:
    """The imports with their jobs, how often each was merged, and the facts of each campaign."""

    states: dict[str, str]
    changed: dict[str, Counter[int]]  # file name → how many of its imports changed so many facts
    merges: Counter[str]
    jobs: dict[str, str]  # import id → state of its job
    begun_anew: int
    facts: dict[str, tuple[int, int, int]]
    used_rows: int


def count_merges(owner: Connection, schema: str) -> None:
    """Have the database write a line whenever an import ends as done, in the transaction that merges it; nothing undoes a line."""
    owner.exec_driver_sql(f'CREATE TABLE "{schema}".merges (import_id uuid NOT NULL)')
    owner.exec_driver_sql(
        f'CREATE FUNCTION "{schema}".note_merge() RETURNS trigger LANGUAGE plpgsql AS'
        f' $$ BEGIN INSERT INTO "{schema}".merges VALUES (NEW.id); RETURN NULL; END $$'
    )
    owner.exec_driver_sql(
        f'CREATE TRIGGER note_merge AFTER UPDATE ON "{schema}".imports FOR EACH ROW'
        f" WHEN (NEW.state = 'done') EXECUTE FUNCTION \"{schema}\".note_merge()"
    )


def wait_until_drained(planes: Planes) -> float:
    """Until no job is left to do; returns the seconds that took."""
    began_s = monotonic()
    while True:
        with planes.control() as control:
            statement = text("SELECT count(*) FROM control.jobs WHERE state = ANY(:active)")
            number = control.execute(statement, {"active": list(ACTIVE)}).scalar_one()
        if number == 0:
            return monotonic() - began_s
        assert monotonic() - began_s < DRAINED_WITHIN_S, f"{number} jobs are still at work"
        sleep(0.5)


def read_stored(planes: Planes, tenant: Tenant) -> Stored:
    """Everything that the judgement needs."""
    with planes.control() as control:
        jobs = _rows(
            control, "SELECT arguments->>'import_id', state, fence FROM control.jobs WHERE name = 'imports.run'"
        )
    with planes.tenant(tenant) as session:
        imports = _rows(session, "SELECT id::text, state, filename, rows_changed FROM imports")
        merges = Counter(row[0] for row in _rows(session, "SELECT import_id::text FROM merges"))
        facts = _rows(
            session,
            "SELECT campaign, count(*), sum(spend_micros), sum(revenue_micros) FROM daily_facts GROUP BY campaign",
        )
        used = used_this_month(session, Entitlement.IMPORT_ROWS)
    changed: dict[str, Counter[int]] = {}
    for _, _, name, rows in imports:
        changed.setdefault(name, Counter())[rows] += 1
    return Stored(
        states={row[0]: row[1] for row in imports},
        changed=changed,
        merges=merges,
        jobs={row[0]: row[1] for row in jobs},
        begun_anew=sum(row[2] > 1 for row in jobs),
        facts={row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in facts},
        used_rows=used,
    )


def judge(told: Told, stored: Stored) -> dict[str, int]:
    """Figures; see `FAULTS` for those that must be zero."""
    promised_files = set(told.promised.values())
    once = Counter({ROWS: 1})
    applied = [number for number in told.sent if filename(number) in stored.changed]
    return {
        "promised": len(told.promised),
        "stored without a promise": len(stored.states.keys() - told.promised.keys()),
        "begun anew after a kill": stored.begun_anew,
        "lost": sum(stored.states.get(item) != "done" for item in told.promised)
        + sum(stored.facts.get(campaign(number)) != expected(number) for number in promised_files),
        "half there": len(stored.states.keys() ^ stored.jobs.keys())
        + sum(state != "done" for state in stored.states.values()),
        "dead": sum(state != "done" for state in stored.jobs.values()),
        "merged twice": sum(number != 1 for number in stored.merges.values()),
        "applied twice": sum(
            +Counter({k: v for k, v in stored.changed[filename(n)].items() if k}) != once for n in applied
        )
        + sum(stored.facts.get(campaign(number)) != expected(number) for number in applied),
        "rows charged beyond those stored": stored.used_rows - ROWS * len(stored.facts),
        "of nobody's": len(stored.facts.keys() - {campaign(number) for number in told.sent}),
    }


FAULTS = (
    "lost",
    "half there",
    "dead",
    "merged twice",
    "applied twice",
    "rows charged beyond those stored",
    "of nobody's",
)


def _rows(session: Session, statement: str) -> list[Any]:
    return list(session.execute(text(statement)))
