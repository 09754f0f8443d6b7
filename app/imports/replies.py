"""An import as programs see it, and how far it is: its row together with its job in the ledger."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.imports.models import Import
from app.imports.schemas import (
    ImportReply,
    MatchReply,
    QuestionReply,
    RecognisedReply,
    RowErrorReply,
    Setup,
    UploadReply,
)
from app.imports.service import setup_of, shape_of
from app.imports.shape import FileShape
from kit.errors import NotFound
from kit.jobs.queries import job_of
from kit.storage import UploadTicket

HREF = "/api/v1/imports/"
_JOB_STATES = {"running": "running", "dead": "failed", "cancelled": "cancelled"}


@dataclass(frozen=True)
class Standing:
    """How far an import is. While its job runs, the ledger knows more than the import's own row."""

    state: str
    share: float
    message: str
    problem: dict[str, Any] | None


def standing_of(control: Session, item: Import, *, workspace_id: UUID) -> Standing:
    """The import's state, with its job's progress while that is at work."""
    if item.state != "queued" or item.job_id is None:
        return Standing(item.state, 1.0 if item.state == "done" else 0.0, "", item.problem)
    try:
        job = job_of(control, item.job_id, workspace_id=workspace_id)
    except NotFound:
        return Standing(item.state, 0.0, "", item.problem)
    return Standing(_JOB_STATES.get(job.state, "queued"), job.progress, job.message, job.problem)


def import_reply(item: Import, standing: Standing) -> ImportReply:
    """The whole import."""
    return ImportReply(
        id=item.id,
        filename=item.filename,
        state=standing.state,
        created_at=item.created_at,
        finished_at=item.finished_at,
        job_id=item.job_id,
        progress=standing.share,
        message=standing.message,
        currency=item.currency,
        rows_read=item.rows_read,
        rows_accepted=item.rows_accepted,
        rows_changed=item.rows_changed,
        rows_rejected=item.rows_rejected,
        covers_from=item.covers_from,
        covers_to=item.covers_to,
        notices=item.notices or [],
        errors=[RowErrorReply(**reject) for reject in item.first_rejects or []],
        problem=standing.problem,
        recognised=recognised_reply(shape_of(item), setup_of(item)) if item.shape else None,
        href=f"{HREF}{item.id}",
        errors_href=f"{HREF}{item.id}/errors.csv" if item.rejects_key else None,
    )


def recognised_reply(shape: FileShape, setup: Setup) -> RecognisedReply:
    """What was recognised, and what is still asked."""
    return RecognisedReply(
        kind=shape.kind.value,
        encoding=shape.encoding,
        delimiter=shape.delimiter,
        sheet=shape.sheet,
        header_row=shape.header_row,
        columns=list(shape.header),
        decimal=shape.decimal,
        day_order=shape.day_order.value if shape.day_order else None,
        date_forms=list(shape.date_forms),
        currency=shape.currency,
        estimated_rows=shape.estimated_rows,
        findings=list(shape.findings),
        revenue=setup.revenue.value if setup.revenue else None,
        revenue_note=setup.revenue_note,
        mapping=[
            MatchReply(match.field.value, match.header, min(1.0, round(match.confidence, 2)), match.reason)
            for match in setup.columns.matches
        ],
        missing=[field.value for field in setup.columns.missing],
        questions=[
            QuestionReply(
                question.topic.value, question.text, list(question.options), question.guess, list(question.evidence)
            )
            for question in shape.questions
        ],
    )


def upload_reply(item: Import, ticket: UploadTicket) -> UploadReply:
    """Where to upload, and where to say that it is done."""
    return UploadReply(
        id=item.id,
        method=ticket.method,
        url=ticket.url,
        fields=dict(ticket.fields),
        max_bytes=ticket.max_bytes,
        complete_href=f"{HREF}{item.id}/complete",
    )
