"""Files about customers as the pages show them: the place to drop one, the step of confirming, and the result."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.customers.models import CustomerUpload
from app.imports.customer_columns import Columns, CustomerField, has_events
from app.imports.customer_files import columns_of, questions_of, shape_of
from app.imports.shape import FileShape, Question, filled
from kit.format import count, day_range, file_size, plural
from kit.web.forms import Form

STATES = {
    "awaiting_confirmation": ("Check it", "warn"),
    "queued": ("Waiting", "plain"),
    "running": ("Running", "info"),
    "done": ("Done", "good"),
    "failed": ("Not taken", "bad"),
    "cancelled": ("Cancelled", "plain"),
}
_FIELDS = {
    CustomerField.CUSTOMER: ("Customer", "The number or name under which you know them."),
    CustomerField.HAPPENED_AT: ("Day or moment", "Without it each row is a customer, not an event."),
    CustomerField.VALUE: ("Value", "Of the order or the refund. Below 0 is a refund."),
    CustomerField.ORDER: ("Order number", "Keeps an order one order when it is told again."),
    CustomerField.KIND: ("Kind", "Order, refund, touch, offer_shown, offer_taken or event."),
    CustomerField.CHANNEL: ("Channel", "That a touch came through."),
    CustomerField.CAMPAIGN: ("Campaign", ""),
    CustomerField.NAME: ("Offer or event", "Its name."),
    CustomerField.CURRENCY: ("Currency", "Another one is converted at the day's rate."),
    CustomerField.EXTERNAL_ID: ("Event id", "Your own id of the row, if there is one."),
    CustomerField.CUSTOMER_NAME: ("Customer's name", ""),
    CustomerField.EMAIL: ("E-mail", ""),
    CustomerField.COUNTRY: ("Country", ""),
}
EXAMPLE_HEADER = ("customer", "date", "kind", "value", "order", "channel", "name")
EXAMPLE = (
    ("C-1001", "2026-03-01", "touch", "", "", "Facebook Ads", ""),
    ("C-1001", "2026-03-04", "order", "59.90", "5012", "", ""),
    ("C-1001", "2026-03-11", "refund", "19.90", "5012", "", ""),
    ("C-1002", "2026-03-05 14:20", "offer_shown", "", "", "", "Free shipping"),
)
_SAMPLES = 3


@dataclass(frozen=True)
class Standing:
    """How far an upload is; while its job runs, the ledger of jobs knows more than the upload's own row."""

    state: str
    share: float
    message: str
    problem: dict[str, Any] | None


@dataclass(frozen=True)
class UploadLine:
    """A file in the list."""

    filename: str
    href: str
    label: str
    tone: str
    created_at: datetime
    rows: str
    covers: str


@dataclass(frozen=True)
class UploadsPage:
    """The variables of customers/uploads.html."""

    lines: list[UploadLine]
    base: str
    room: str
    example_header: tuple[str, ...] = EXAMPLE_HEADER
    example: tuple[tuple[str, ...], ...] = EXAMPLE
    form: Form = field(default_factory=Form)


@dataclass(frozen=True)
class FieldRow:
    """A meaning, and the column that may carry it."""

    name: str
    label: str
    hint: str
    is_required: bool
    options: list[tuple[str, str]]
    selected: str
    samples: str


@dataclass(frozen=True)
class QuestionRow:
    """A question with its answers as radio buttons."""

    name: str
    text: str
    options: list[tuple[str, str]]
    selected: str
    evidence: str


@dataclass(frozen=True)
class ConfirmStep:
    """What was recognised, to be looked at and confirmed."""

    questions: list[QuestionRow]
    fields: list[FieldRow]
    note: str


@dataclass(frozen=True)
class UploadPage:
    """The variables of customers/upload.html."""

    base: str
    href: str
    filename: str
    about: str
    label: str
    tone: str
    step: int
    share: float
    message: str
    job_href: str
    confirm: ConfirmStep | None
    is_cancelled: bool
    problem: dict[str, Any] | None
    summary: str
    figures: list[tuple[str, str]]
    notices: list[str]
    errors: list[dict[str, Any]]
    has_errors_file: bool
    form: Form


def upload_line(item: CustomerUpload, standing: Standing, *, base: str) -> UploadLine:
    """A file in the list."""
    label, tone = STATES[standing.state]
    rows = f"{count(item.rows_accepted)} of {count(item.rows_read)}" if item.rows_read else "–"
    return UploadLine(item.filename, f"{base}/uploads/{item.id}", label, tone, item.created_at, rows, _covers(item))


def upload_page(
    item: CustomerUpload, standing: Standing, *, workspace_base: str, currency: str, form: Form
) -> UploadPage:
    """The page of one file."""
    label, tone = STATES[standing.state]
    base = f"{workspace_base}/customers"
    return UploadPage(
        base=base,
        href=f"{base}/uploads/{item.id}",
        filename=item.filename,
        about=f"{file_size(item.size_bytes)}, uploaded as a file about customers",
        label=label,
        tone=tone,
        step={"awaiting_confirmation": 1, "queued": 2, "running": 2}.get(standing.state, 3),
        share=standing.share,
        message=standing.message,
        job_href=f"{workspace_base}/jobs/{item.job_id}" if item.job_id else "",
        confirm=_confirm_step(item, currency, form) if standing.state == "awaiting_confirmation" else None,
        is_cancelled=standing.state == "cancelled",
        problem=standing.problem if standing.state == "failed" else None,
        summary=_summary(item),
        figures=_figures(item),
        notices=item.notices,
        errors=item.first_errors,
        has_errors_file=item.errors_key is not None,
        form=form,
    )


def currency_note(shape: FileShape, columns: Columns, *, own: str) -> str:
    """Said before anything is stored, where amounts are in another currency than the workspace's."""
    if CustomerField.CURRENCY in columns or not shape.possible_currencies or own in shape.possible_currencies:
        return ""
    return (
        f"Amounts are in {shape.possible_currencies[0]}. They are converted to {own} at the rate of each order's day; "
        "rows of days without a known rate are left out."
    )


def _confirm_step(item: CustomerUpload, currency: str, form: Form) -> ConfirmStep:
    shape, columns = shape_of(item), columns_of(item)
    open_topics = questions_of(shape)
    return ConfirmStep(
        questions=[_question(one, form) for one in shape.questions if one.topic in open_topics],
        fields=[_field_row(one, shape, columns, form) for one in _FIELDS],
        note=currency_note(shape, columns, own=currency),
    )


def _question(question: Question, form: Form) -> QuestionRow:
    return QuestionRow(
        name=question.topic.value,
        text=question.text,
        options=[(option.value, option.label) for option in question.options],
        selected=form.value(question.topic.value, question.guess),
        evidence=" ".join(question.evidence),
    )


def _field_row(meaning: CustomerField, shape: FileShape, columns: Columns, form: Form) -> FieldRow:
    label, hint = _FIELDS[meaning]
    selected = columns.get(meaning, "")
    return FieldRow(
        name=meaning.value,
        label=label,
        hint=hint,
        is_required=meaning is CustomerField.CUSTOMER,
        options=[("", "Not in this file"), *[(name, name) for name in shape.header if name]],
        selected=form.value(f"map_{meaning.value}", "" if form.values else selected),
        samples=", ".join(_samples(shape, selected)),
    )


def _samples(shape: FileShape, column: str) -> Sequence[str]:
    if not column:
        return ()
    place = shape.header.index(column)
    return list(dict.fromkeys(filled(row[place] for row in shape.sample if place < len(row))))[:_SAMPLES]


def _figures(item: CustomerUpload) -> list[tuple[str, str]]:
    what = "New or changed events" if has_events(columns_of(item)) else "New or changed customers"
    return [
        ("Rows read", count(item.rows_read)),
        ("Taken", count(item.rows_accepted)),
        (what, count(item.rows_changed)),
        ("New customers", count(item.customers_new)),
        ("Not taken", count(item.rows_rejected)),
        ("Days", _covers(item)),
    ]


def _summary(item: CustomerUpload) -> str:
    if item.rows_rejected:
        return f"{plural(item.rows_accepted, 'row')} taken, {count(item.rows_rejected)} not."
    return f"All {plural(item.rows_accepted, 'row')} taken."


def _covers(item: CustomerUpload) -> str:
    if item.covers_from is None or item.covers_to is None:
        return "–"
    return day_range(item.covers_from, item.covers_to)
