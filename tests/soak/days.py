"""What two workspaces hold of the same accounts, row by row, and what the platforms themselves know."""

from collections import defaultdict
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from tenants.isolation.planes import Planes, Tenant

_MEASURES = "spend_micros, impressions, clicks, conversions, conversion_value_micros, video_views, reach, extras::text"
_BELOW = (
    "SELECT account.connector_key, account.platform_id, entity.platform_id, days.day, {measures} FROM {table} AS days"
    " JOIN {entities} AS entity ON entity.number = days.{key} JOIN ad_accounts AS account ON account.id = entity.account_id"
)
_TABLES = {
    "campaign_days": (
        _BELOW.format(measures=_MEASURES, table="campaign_days", entities="campaigns", key="campaign_number")
    ),
    "ad_days": _BELOW.format(measures=_MEASURES, table="ad_days", entities="ads", key="ad_number"),
    "revenue_days": (
        "SELECT account.connector_key, account.platform_id, days.source, days.day, revenue_micros, orders, new_customers,"
        " returning_customers, sessions FROM revenue_days AS days JOIN ad_accounts AS account ON account.id = account_id"
    ),
}
_JOBS = text("SELECT state, count(*) FROM control.jobs WHERE workspace_id = :id AND name LIKE 'sync.%' GROUP BY state")
Rows = dict[tuple[Any, ...], tuple[Any, ...]]


def days_of(planes: Planes, tenant: Tenant) -> dict[str, Rows]:
    """Every day of every table, by what the platform calls it."""
    with planes.tenant(tenant) as session:
        return {
            name: {tuple(row[:4]): tuple(row[4:]) for row in session.execute(text(asked))}
            for name, asked in _TABLES.items()
        }


def differing(ours: Rows, theirs: Rows) -> dict[str, int]:
    """How many rows only one has, and how many say something else."""
    return {
        "lost": len(theirs.keys() - ours.keys()),
        "of nobody": len(ours.keys() - theirs.keys()),
        "different": sum(ours[key] != theirs[key] for key in ours.keys() & theirs.keys()),
    }


def against_ledger(campaign_days: Rows, sandbox_url: str) -> dict[str, int]:
    """Spend and clicks of each account and day against what the platforms' own ledgers say at this instant."""
    stored: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for (connector, account, _, day), values in campaign_days.items():
        sums = stored[connector, account][day.isoformat()]
        sums[0] += values[0]
        sums[1] += values[2] or 0
    found = {"days": 0, "differing": 0}
    with httpx.Client(base_url=sandbox_url, timeout=60, trust_env=False) as http:
        for (connector, account), days in stored.items():
            known = {str(one["number"]) for one in _result(http, connector, "accounts")}
            digits = next(one for one in known if one in account.replace("-", ""))
            told = _result(http, connector, "ledger", account=digits, since=min(days), until=max(days), settled="0")
            truth = {row["day"]: [row["spend_micros"], row["clicks"]] for row in told}
            found["days"] += len(truth)
            spent = {day: sums for day, sums in days.items() if sums != [0, 0]}
            truth = {day: sums for day, sums in truth.items() if sums != [0, 0]}
            found["differing"] += sum(spent.get(day) != truth.get(day) for day in spent.keys() | truth.keys())
    return found


def jobs_by_state(planes: Planes, workspace_id: UUID) -> dict[str, int]:
    """What became of the workspace's syncs."""
    with planes.control() as control:
        return {state: int(number) for state, number in control.execute(_JOBS, {"id": workspace_id})}


def _result(http: httpx.Client, connector: str, what: str, **query: str) -> Any:
    return http.get(f"/_sim/{connector}/{what}", params=query).raise_for_status().json()["result"]
