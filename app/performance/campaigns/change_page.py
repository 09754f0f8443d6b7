"""Changes as pages show them: the step of confirming with before → after, and the history with what came of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from adloom_sdk.manifest import Manifest
from adloom_sdk.messages import ActionKind
from app.campaigns.budgets import new_budget_micros
from app.campaigns.detail import KnownChange
from app.campaigns.guardrails import Wanted, check_change
from app.campaigns.platform_models import Campaign
from app.performance.campaigns.wording import CHANGE_STATES, before_after, budget_text, change_title, status_label
from kit.errors import AdloomError, Conflict, NotFound
from kit.format import plural
from kit.jobs.queries import job_of

KINDS = {
    ActionKind.PAUSE: ("Pause", "paused"),
    ActionKind.ENABLE: ("Enable", "active"),
    ActionKind.SET_DAILY_BUDGET: ("Set the daily budget of", ""),
}


@dataclass(frozen=True)
class ProposedChange:
    """One campaign's change before it is asked for; `problem` where it cannot be."""

    id: UUID
    name: str
    before: str
    after: str
    seen: str
    new_budget_micros: int | None
    is_large: bool
    problem: str


@dataclass(frozen=True)
class ConfirmPage:
    """The variables of campaigns/change.html."""

    title: str
    kind: str
    typed: str
    rows: tuple[ProposedChange, ...]
    possible: int
    has_large: bool
    label: str
    base: str
    upgrade: str
    upgrade_href: str


@dataclass(frozen=True)
class HistoryRow:
    """A change with what came of it. `job_id` is empty where nothing runs any more, `undo_href` where there is nothing to undo."""

    id: UUID
    campaign: str
    href: str
    title: str
    before: str
    after: str
    who: str
    asked_at: datetime
    label: str
    tone: str
    problem: str
    note: str
    job_id: str
    undo_href: str


def proposed(
    session: Session,
    campaigns: Sequence[Campaign],
    *,
    kind: ActionKind,
    typed: str,
    manifests: Mapping[str, Manifest],
) -> tuple[ProposedChange, ...]:
    """What would become of each campaign, checked as it will be when it is asked for."""
    return tuple(_proposed(session, campaign, kind, typed, manifests) for campaign in campaigns)


def confirm_page(
    rows: tuple[ProposedChange, ...], *, kind: ActionKind, typed: str, base: str, upgrade: str
) -> ConfirmPage:
    """The step of confirming."""
    possible = sum(not row.problem for row in rows)
    verb = KINDS[kind][0]
    return ConfirmPage(
        title=f"{verb} {plural(len(rows), 'campaign')}",
        kind=kind.value,
        typed=typed,
        rows=rows,
        possible=possible,
        has_large=any(row.is_large and not row.problem for row in rows),
        label=f"{verb} {plural(possible, 'campaign')}",
        base=base,
        upgrade=upgrade,
        upgrade_href=f"{base}/billing",
    )


def history(
    changes: Sequence[KnownChange], *, control: Session, workspace_id: UUID, base: str, may_change: bool
) -> tuple[HistoryRow, ...]:
    """The newest first, as `known_changes` gives them."""
    return tuple(_history_row(known, control, workspace_id, base, may_change) for known in changes)


def seen_text(campaign: Campaign) -> str:
    """What somebody saw, as a form's field carries it."""
    budget = campaign.daily_budget_micros
    return f"{campaign.status}|{'' if budget is None else budget}"


def read_seen(text: str) -> tuple[str, int | None]:
    """`seen_text` read back."""
    status, _, budget = text.partition("|")
    return status, int(budget) if budget.isdigit() else None


def _proposed(
    session: Session, campaign: Campaign, kind: ActionKind, typed: str, manifests: Mapping[str, Manifest]
) -> ProposedChange:
    before, after, new, problem = status_label(campaign.status), status_label(KINDS[kind][1]), None, ""
    is_large, old = False, campaign.daily_budget_micros
    try:
        if kind is ActionKind.SET_DAILY_BUDGET:
            before = budget_text(old, campaign.lifetime_budget_micros, campaign.budget_owner, campaign.currency)
            after = "–"
            new = new_budget_micros(typed, old_micros=old or 0, currency=campaign.currency)
            after = budget_text(new, None, "campaign", campaign.currency)
        if KINDS[kind][1] == campaign.status or (new is not None and new == old):
            raise Conflict("Nothing would change.")
        wanted = Wanted(kind, campaign.status, old, new)
        check_change(session, campaign=campaign, wanted=wanted, manifest=_manifest(campaign, manifests))
    except AdloomError as refusal:
        is_large = any(error.field == "confirm" for error in refusal.errors)
        problem = "" if is_large else refusal.errors[0].message if refusal.errors else str(refusal)
    return ProposedChange(campaign.id, campaign.name, before, after, seen_text(campaign), new, is_large, problem)


def _manifest(campaign: Campaign, manifests: Mapping[str, Manifest]) -> Manifest:
    manifest = manifests.get(campaign.connector_key or "")
    if manifest is None:
        raise NotFound("Its platform cannot be changed from here.", "Change it in the platform's own ads manager.")
    return manifest


def _history_row(known: KnownChange, control: Session, workspace_id: UUID, base: str, may_change: bool) -> HistoryRow:
    change, campaign = known.change, known.campaign
    label, tone = CHANGE_STATES[change.state]
    problem, is_waiting = f"{change.problem} {change.what_to_do}".strip(), change.state in {"asked", "running"}
    if is_waiting and (given_up := _given_up(change.job_id, control, workspace_id)):
        label, tone, problem, is_waiting = "Not carried out", "bad", given_up, False
    before, after = before_after(change, campaign.currency)
    can_undo = may_change and change.state == "done" and change.before != change.after
    return HistoryRow(
        id=change.id,
        campaign=campaign.name,
        href=f"{base}/campaigns/{campaign.id}",
        title=change_title(change, campaign.currency),
        before=before,
        after=after,
        who=change.asked_by_name,
        asked_at=change.created_at,
        label=label,
        tone=tone,
        problem=problem,
        note=change.reason,
        job_id=str(change.job_id) if is_waiting and change.job_id else "",
        undo_href=f"{base}/campaigns/changes/{change.id}/undo" if can_undo else "",
    )


def _given_up(job_id: UUID | None, control: Session, workspace_id: UUID) -> str:
    """Why a change's job will not run any more; nothing while it may."""
    if job_id is None:
        return "It was never started. Ask for it again."
    try:
        job = job_of(control, job_id, workspace_id=workspace_id)
    except NotFound:
        return "Its job is gone. Look at the campaign on its platform before you ask again."
    if job.state in {"dead", "cancelled"}:
        return (job.problem or {}).get(
            "detail", ""
        ) or "Its job was stopped. Look at the campaign before you ask again."
    return ""
