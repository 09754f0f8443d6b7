"""Putting the pages of syncs together from what is stored, what is at work, and what the connectors say of themselves."""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from adloom_sdk.manifest import Manifest
from app.campaigns.queries import uncounted_notice
from app.campaigns.rates import without_rate
from app.connections.catalogue import catalogue
from app.connections.health import Health, health_of
from app.connections.service import all_accounts, list_connections
from app.sync.asking import Chosen, chosen_days, comparable
from app.sync.comparing_page import ComparisonPage, query_of, trouble_of, working_of
from app.sync.differences import rate_note, settling_note, standing_of
from app.sync.page_queries import days_beside_theirs, jobs_at_work, last_comparison, last_runs, rates_of_days
from app.sync.presenting import Around, SyncPage, account_lines, run_line, summary_of
from app.sync.queries import AccountStanding, left_out_imports, recent_runs, standings
from kit.clock import today_in, utc_now
from kit.errors import NotFound
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import WorkspaceRef

_PLATFORM = "the platform"


def sync_view(session: Session, control: Session, *, workspace: WorkspaceRef, account_id: UUID | None) -> SyncPage:
    """Every account and its runs, or one."""
    base, manifests = f"/w/{workspace.id}", _manifests(control)
    every = standings(session)
    shown = _only(every, account_id)
    around = Around(
        base=base,
        titles={key: manifest.title for key, manifest in manifests.items()},
        now=utc_now(),
        may_act=workspace.allows(Permission.IMPORT_DATA),
    )
    lines = account_lines(
        shown,
        jobs=jobs_at_work(control, workspace_id=workspace.id),
        runs=last_runs(session),
        ill=_ill(session, manifests),
        around=around,
    )
    # Accounts of different platforms often have the same name.
    names = {one.account_id: _title(one, manifests) for one in every}
    unread = {one.account_id for one in shown if one.covered_to is None}
    return SyncPage(
        accounts=lines,
        runs=[run_line(run, names=names) for run in recent_runs(session, account_id=account_id)],
        summary=summary_of(lines),
        notices=_notices(session, account_id),
        base=base,
        here=f"{base}/sync" + (f"?account={account_id}" if account_id else ""),
        chosen=str(account_id or ""),
        chosen_name=shown[0].name if account_id else "",
        rate_note=_rate_today(session, shown[0], workspace) if account_id else "",
        may_act=around.may_act,
        may_manage=workspace.allows(Permission.MANAGE_CONNECTIONS),
        is_first=any(line.working and line.id in unread for line in lines),
        has_numbers=any(one.covered_to for one in shown),
        may_sync_any=any(line.may_sync for line in lines),
    )


def comparison_view(
    session: Session,
    control: Session,
    *,
    workspace: WorkspaceRef,
    account_id: UUID | None,
    since: date | None,
    until: date | None,
) -> ComparisonPage | None:
    """One account's days on both sides; the first account where none is named, None where there is none at all."""
    manifests = _manifests(control)
    named = comparable(standings(session), manifests)
    if account_id is None and not named:
        return None
    chosen = chosen_days(session, account_id=account_id or named[0].account_id, since=since, until=until)
    return _comparison(session, control, workspace, chosen, named, manifests)


def _comparison(
    session: Session,
    control: Session,
    workspace: WorkspaceRef,
    chosen: Chosen,
    named: list[AccountStanding],
    manifests: dict[str, Manifest],
) -> ComparisonPage:
    manifest = manifests.get(chosen.account.connector_key)
    one, base = chosen.account, f"/w/{workspace.id}"
    days = days_beside_theirs(session, account_id=one.id, since=chosen.since, until=chosen.until)
    rates = rates_of_days(session, currency=one.currency, since=chosen.since, until=chosen.until)
    job = last_comparison(control, workspace_id=workspace.id, account_id=one.id)
    platform = manifest.title if manifest else _PLATFORM
    length = (chosen.until - chosen.since).days + 1
    return ComparisonPage(
        accounts=[(str(other.account_id), _title(other, manifests)) for other in named],
        account=str(one.id),
        account_name=one.name,
        platform=platform,
        since=chosen.since.isoformat(),
        until=chosen.until.isoformat(),
        standing=standing_of(days, currency=one.currency, platform=platform),
        settling=settling_note(platform, manifest.restatement_days if manifest else 28),
        rate=rate_note(rates, currency=one.currency, into=workspace.currency, days=length),
        working=working_of(job, base),
        trouble=trouble_of(job, days),
        may_check=workspace.allows(Permission.IMPORT_DATA),
        base=base,
        here=f"{base}/sync/reconciliation?{query_of(chosen)}",
        query=query_of(chosen),
    )


def _notices(session: Session, account_id: UUID | None) -> list[str]:
    """What does not count on other pages, and why."""
    without = [one.sentence for one in without_rate(session) if account_id in {None, one.account_id}]
    uncounted = uncounted_notice(session)
    return (
        ([uncounted] if uncounted else [])
        + without
        + ([] if account_id else [one.sentence for one in left_out_imports(session)])
    )


def _rate_today(session: Session, one: AccountStanding, workspace: WorkspaceRef) -> str:
    today = today_in(one.timezone)
    rates = rates_of_days(session, currency=one.currency, since=today, until=today)
    return rate_note(rates, currency=one.currency, into=workspace.currency, days=1)


def _title(one: AccountStanding, manifests: dict[str, Manifest]) -> str:
    manifest = manifests.get(one.connector_key)
    return f"{one.name} ({manifest.title})" if manifest else one.name


def _only(every: list[AccountStanding], account_id: UUID | None) -> list[AccountStanding]:
    if account_id is None:
        return every
    found = [one for one in every if one.account_id == account_id]
    if not found:
        raise NotFound("This account is not read.", "Choose it under Connections.")
    return found


def _manifests(control: Session) -> dict[str, Manifest]:
    return {one.manifest.key: one.manifest for one in catalogue(control) if one.state == "working" and one.manifest}


def _ill(session: Session, manifests: dict[str, Manifest]) -> dict[UUID, Health]:
    """The health of the connections that stand still, or are in trouble themselves."""
    accounts = all_accounts(session)
    return {
        one.id: health_of(one, accounts.get(one.id, []), manifests.get(one.connector_key))
        for one in list_connections(session)
        if one.state != "active" or one.problem
    }
