"""Imports as the pages show them: a line of the list, the step of confirming, and the result."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.imports.columns import Match
from app.imports.currency import currency_problem
from app.imports.encodings import encoding_name
from app.imports.models import Import
from app.imports.replies import Standing
from app.imports.schemas import Setup
from app.imports.service import setup_of, shape_of
from app.imports.shape import REQUIRED, Field, FileKind, FileShape, RevenueShape, filled
from billing.plans import Entitlement, Plan
from kit.errors import AdloomError
from kit.format import count, day_range, file_size, plural
from kit.web.forms import Form

STATES = {
    "awaiting_upload": ("Waiting for the file", "plain"),
    "awaiting_confirmation": ("Check it", "warn"),
    "queued": ("Waiting", "plain"),
    "running": ("Running", "info"),
    "done": ("Done", "good"),
    "failed": ("Not imported", "bad"),
    "cancelled": ("Cancelled", "plain"),
}
LABELS = {
    Field.DATE: "Date",
    Field.CHANNEL: "Channel",
    Field.SPEND: "Spend",
    Field.REVENUE: "Revenue",
    Field.IMPRESSIONS: "Impressions",
    Field.CLICKS: "Clicks",
    Field.CONVERSIONS: "Conversions",
    Field.NEW_CUSTOMERS: "New customers",
    Field.RETURNING_CUSTOMERS: "Returning customers",
    Field.CAMPAIGN: "Campaign",
}
REVENUES = [
    ("row", "Each row has its own revenue", "Rows are added up."),
    ("day_repeated", "Each row repeats the day's revenue", "It is counted once a day."),
    (
        "day_blank",
        "The day's revenue stands on one row, the others are blank",
        "It is counted as the day's, not as that channel's.",
    ),
]
ENCODINGS = ("utf-8", "cp1252", "latin-1", "utf-16")
_DELIMITERS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Vertical bar"}
SAMPLES = 3
SURE, LIKELY = 0.9, 0.7


@dataclass(frozen=True)
class ImportLine:
    """One import in the list."""

    filename: str
    href: str
    label: str
    tone: str
    created_at: datetime
    rows: str
    covers: str


@dataclass(frozen=True)
class ImportsPage:
    """The place to drop a file, and what came before."""

    lines: list[ImportLine]
    may_import: bool
    base: str
    room: str
    older_href: str
    form: Form = field(default_factory=Form)


@dataclass(frozen=True)
class FieldRow:
    """A field, the columns it may be, and how sure the choice is."""

    name: str
    label: str
    is_required: bool
    options: list[tuple[str, str]]
    selected: str
    reason: str
    certainty: str
    tone: str
    samples: str


@dataclass(frozen=True)
class QuestionRow:
    """A question with its answers as radio buttons."""

    name: str
    text: str
    options: list[tuple[str, str]]
    selected: str
    evidence: list[str]


@dataclass(frozen=True)
class ConfirmStep:
    """What was recognised, to be looked at and confirmed."""

    facts: list[tuple[str, str]]
    findings: list[str]
    questions: list[QuestionRow]
    fields: list[FieldRow]
    fixed_channel: str
    revenue_options: list[tuple[str, str, str]]
    revenue: str
    revenue_note: str
    sheets: list[tuple[str, str]]
    sheet: str
    encodings: list[tuple[str, str]]
    encoding: str
    header: list[str]
    sample: list[list[str]]
    warnings: list[tuple[str, str]]


@dataclass(frozen=True)
class ResultStep:
    """What came out."""

    summary: str
    figures: list[tuple[str, str]]
    notices: list[str]
    rejects: list[dict[str, Any]]
    rejects_note: str
    has_rejects: bool


@dataclass(frozen=True)
class ImportPage:
    """One import at the step where it is. Exactly one of `confirm`, `standing` at work, `result` matters, as `step` says."""

    base: str
    href: str
    filename: str
    about: str
    label: str
    tone: str
    step: int
    may_import: bool
    standing: Standing
    job_href: str
    confirm: ConfirmStep | None
    result: ResultStep | None
    form: Form


def import_line(item: Import, standing: Standing, *, base: str) -> ImportLine:
    """An import in the list."""
    label, tone = STATES[standing.state]
    rows = f"{count(item.rows_accepted)} of {count(item.rows_read)}" if item.rows_read else "–"
    return ImportLine(item.filename, f"{base}/{item.id}", label, tone, item.created_at, rows, _covers(item))


def import_page(
    item: Import,
    standing: Standing,
    *,
    base: str,
    may_import: bool,
    confirm: ConfirmStep | None,
    form: Form | None = None,
) -> ImportPage:
    """The page of one import."""
    label, tone = STATES[standing.state]
    step = {"queued": 2, "running": 2, "done": 3, "failed": 3, "cancelled": 3}.get(standing.state, 1)
    return ImportPage(
        base=base,
        href=f"{base}/{item.id}",
        filename=item.filename,
        about=file_size(item.size_bytes) if item.size_bytes else "",
        label=label,
        tone=tone,
        step=step,
        may_import=may_import,
        standing=standing,
        job_href=f"{base.removesuffix('imports')}jobs/{item.job_id}" if item.job_id else "",
        confirm=confirm,
        result=_result(item, standing) if step == 3 else None,
        form=form or Form(),
    )


def confirm_step(
    item: Import, *, workspace_currency: str, has_data: bool, warnings: list[tuple[str, str]]
) -> ConfirmStep:
    """What was recognised in the file, ready to be confirmed."""
    shape, setup = shape_of(item), setup_of(item)
    foreign = currency_problem(shape, workspace_currency=workspace_currency, has_data=has_data)
    return ConfirmStep(
        facts=_facts(shape, workspace_currency),
        findings=list(shape.findings),
        questions=[_question(question) for question in shape.questions if question.topic.value != "currency"],
        fields=[_field_row(name, shape, setup) for name in Field],
        fixed_channel=setup.columns.fixed_channel,
        revenue_options=REVENUES,
        revenue=(setup.revenue or RevenueShape.ROW).value,
        revenue_note=setup.revenue_note,
        sheets=[(name, name) for name in shape.sheets],
        sheet=shape.sheet,
        encodings=[(code, encoding_name(code)) for code in dict.fromkeys((shape.encoding, *ENCODINGS)) if code],
        encoding=shape.encoding,
        header=list(shape.header),
        sample=[list(row) for row in shape.sample[:8]],
        warnings=[*([(foreign.detail, foreign.hint)] if foreign else []), *warnings],
    )


def room_note(plan: Plan, used: int) -> str:
    """How many rows the plan still takes this month; '' without a limit."""
    limit = plan.limit(Entitlement.IMPORT_ROWS)
    if limit is None:
        return ""
    return f"{plan.name} plan: {count(used)} of {count(limit)} imported rows used this month."


def limit_warnings(item: Import, plan: Plan, used: int) -> list[tuple[str, str]]:
    """Said before the import what its end would say: the file has more rows than the plan has room for."""
    limit, rows = plan.limit(Entitlement.IMPORT_ROWS), shape_of(item).estimated_rows
    if limit is None or used + rows <= limit:
        return []
    left = max(0, limit - used)
    return [
        (
            f"The file has about {plural(rows, 'row')}, and the {plan.name} plan has room for {count(left)} more this month.",
            "Rows that are stored already do not count. If more than that are new, nothing of the file is imported.",
        )
    ]


def remembered_form(data: dict[str, str], refusal: AdloomError) -> Form:
    """The confirmation as it was sent, with the reason why it was refused."""
    return Form(data, title=refusal.detail, problems=[("", refusal.hint)])


def _facts(shape: FileShape, currency: str) -> list[tuple[str, str]]:
    rows = f"{'' if shape.is_row_count_exact else 'about '}{plural(shape.estimated_rows, 'row')}"
    facts = [("Size", f"{file_size(shape.size_bytes)}, {rows}")]
    if shape.kind is FileKind.CSV:
        facts += [
            ("Columns divided by", _DELIMITERS.get(shape.delimiter, shape.delimiter)),
            ("Text encoding", encoding_name(shape.encoding)),
        ]
    else:
        facts += [("Sheet", shape.sheet)]
    order = {"day_first": "day before month", "month_first": "month before day"}.get(shape.day_order or "", "")
    dates = ", ".join(shape.date_forms) or "not found"
    decimal = "Decimal comma, 1.234,56" if shape.decimal == "," else "Decimal point, 1,234.56"
    return [
        *facts,
        ("Dates", f"{dates} ({order})" if order else dates),
        ("Numbers", decimal),
        ("Currency", f"{shape.currency or currency}{'' if shape.currency else ', as the workspace'}"),
    ]


def _question(question: Any) -> QuestionRow:
    return QuestionRow(
        name=question.topic.value,
        text=question.text,
        options=[(option.value, option.label) for option in question.options],
        selected=question.guess,
        evidence=list(question.evidence),
    )


def _field_row(name: Field, shape: FileShape, setup: Setup) -> FieldRow:
    match = next((match for match in setup.columns.matches if match.field is name), None)
    certainty, tone = _certainty(match, is_required=name in REQUIRED)
    values = filled(row[match.column] for row in shape.sample if match.column < len(row)) if match else []
    return FieldRow(
        name=name.value,
        label=LABELS[name],
        is_required=name in REQUIRED,
        options=[("", "Not in this file"), *[(column, column) for column in shape.header if column]],
        selected=match.header if match else "",
        reason=match.reason if match else "",
        certainty=certainty,
        tone=tone,
        samples=", ".join(list(dict.fromkeys(values))[:SAMPLES]),
    )


def _certainty(match: Match | None, *, is_required: bool) -> tuple[str, str]:
    if match is None:
        return ("Choose one", "bad") if is_required else ("Left out", "plain")
    if match.confidence >= SURE:
        return "Recognised", "good"
    return ("Probably", "warn") if match.confidence >= LIKELY else ("Please check", "warn")


def _result(item: Import, standing: Standing) -> ResultStep:
    shown = item.first_rejects or []
    more = item.rows_rejected - len({reject["row"] for reject in shown})
    return ResultStep(
        summary=_summary(item, standing),
        figures=[
            ("Rows read", count(item.rows_read)),
            ("Accepted", count(item.rows_accepted)),
            ("New or changed", count(item.rows_changed)),
            ("Rejected", count(item.rows_rejected)),
            ("Days", _covers(item)),
        ],
        notices=item.notices or [],
        rejects=shown,
        rejects_note=f"{plural(more, 'more row')} in the file to download." if more > 0 else "",
        has_rejects=item.rejects_key is not None,
    )


def _summary(item: Import, standing: Standing) -> str:
    if standing.state == "cancelled":
        return "The import was cancelled. Nothing of the file is stored."
    if standing.state == "failed":
        return "Nothing of the file is stored."
    if item.rows_rejected:
        return (
            f"{plural(item.rows_accepted, 'row')} accepted, {count(item.rows_rejected)} rejected. "
            "Correct the rejected rows and import that file too."
        )
    return f"All {plural(item.rows_accepted, 'row')} accepted."


def _covers(item: Import) -> str:
    if item.covers_from is None or item.covers_to is None:
        return "–"
    return day_range(item.covers_from, item.covers_to)
