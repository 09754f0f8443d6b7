"""Pages of imports: the place to drop a file, the step of confirming, progress and result. All of it works without a script."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, BinaryIO, Literal, cast
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery, MultipartBody, URLEncodedBody
from litestar.response import Stream

from app.imports.downloads import csv_response, rejects_stream
from app.imports.models import Import
from app.imports.presenting import (
    ConfirmStep,
    ImportsPage,
    confirm_step,
    import_line,
    import_page,
    limit_warnings,
    remembered_form,
    room_note,
)
from app.imports.queries import PAGE, finished_with_content, has_facts, import_by_id, list_imports
from app.imports.replies import standing_of
from app.imports.schemas import Choices
from app.imports.service import cancel, confirm, look_again, receive, reopen
from app.imports.shape import DayOrder, Field, RevenueShape
from app.imports.template import TEMPLATE_NAME, template_csv
from billing.entitlements import used_this_month
from billing.plans import Entitlement, Plan
from kit.clock import today_in
from kit.db import ScopedSession
from kit.errors import AdloomError
from kit.format import day
from kit.storage import Storage
from kit.web.access import access
from kit.web.forms import Form
from kit.web.pages import AnyRequest, redirect, render
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal, WorkspaceRef

Tenant = NamedDependency[ScopedSession]
Control = NamedDependency[ScopedSession]
Here = NamedDependency[WorkspaceRef]
Caller = NamedDependency[Principal]
Files = NamedDependency[Storage]
CurrentPlan = NamedDependency[Plan]
FormData = URLEncodedBody[dict[str, str]]
_LIST = "/w/{workspace_id:uuid}/imports"
_ONE = _LIST + "/{import_id:uuid}"
_READ = access(Permission.READ_DATA)
_IMPORT = access(Permission.IMPORT_DATA)


@dataclass(frozen=True)
class FileForm:
    """The dropped file."""

    file: UploadFile
    csrf_token: str = ""


@get(_LIST, sync_to_thread=True, include_in_schema=False, **_READ)
def imports_page(
    request: AnyRequest,
    session: Tenant,
    control: Control,
    workspace: Here,
    plan: CurrentPlan,
    before: FromQuery[datetime | None] = None,
) -> Response[str]:
    """The drop zone and the imports so far."""
    return _list_page(request, session, control, workspace, plan, before=before)


@post(_LIST, sync_to_thread=True, include_in_schema=False, **_IMPORT)
def upload(
    request: AnyRequest,
    session: Tenant,
    control: Control,
    storage: Files,
    workspace: Here,
    plan: CurrentPlan,
    caller: Caller,
    data: Annotated[FileForm, *MultipartBody.__metadata__],
) -> Response[str]:
    """Take the file in and show what was recognised."""
    stream = cast("BinaryIO", data.file.file)
    try:
        item = receive(
            session,
            storage,
            workspace=workspace,
            user=caller.signed_in(),
            filename=data.file.filename,
            stream=stream,
        )
    except AdloomError as refusal:
        form = remembered_form({}, refusal)
        return _list_page(request, session, control, workspace, plan, form=form, status=refusal.status)
    return redirect(request, f"/w/{workspace.id}/imports/{item.id}")


@get(_LIST + "/template.csv", sync_to_thread=True, include_in_schema=False, **_READ)
def template_file(workspace: Here) -> Response[bytes]:
    """The template to download."""
    return csv_response(template_csv(today=today_in(workspace.timezone)), TEMPLATE_NAME)


@get(_ONE, sync_to_thread=True, include_in_schema=False, **_READ)
def one_import(
    request: AnyRequest,
    session: Tenant,
    control: Control,
    workspace: Here,
    plan: CurrentPlan,
    import_id: FromPath[UUID],
) -> Response[str]:
    """One import at the step where it is."""
    return _import_page(request, session, control, workspace, plan, import_by_id(session, import_id))


@post(_ONE + "/confirm", sync_to_thread=True, include_in_schema=False, **_IMPORT)
def confirm_import(
    request: AnyRequest,
    session: Tenant,
    control: Control,
    workspace: Here,
    plan: CurrentPlan,
    caller: Caller,
    import_id: FromPath[UUID],
    data: FormData,
) -> Response[str]:
    """Start the import as confirmed."""
    try:
        confirm(
            session, workspace=workspace, user=caller.signed_in(), import_id=import_id, choices=choices_from_form(data)
        )
    except AdloomError as refusal:
        item = import_by_id(session, import_id)
        form = remembered_form(data, refusal)
        return _import_page(request, session, control, workspace, plan, item, form=form, status=refusal.status)
    return redirect(request, f"/w/{workspace.id}/imports/{import_id}")


@post(_ONE + "/look-again", sync_to_thread=True, include_in_schema=False, **_IMPORT)
def recognise_again(
    request: AnyRequest, session: Tenant, storage: Files, workspace: Here, import_id: FromPath[UUID], data: FormData
) -> Response[str]:
    """Another sheet, or another encoding."""
    look_again(
        session,
        storage,
        workspace=workspace,
        import_id=import_id,
        sheet=data.get("sheet") or None,
        encoding=data.get("encoding") or None,
    )
    return redirect(request, f"/w/{workspace.id}/imports/{import_id}")


@post(_ONE + "/cancel", sync_to_thread=True, include_in_schema=False, **_IMPORT)
def cancel_import(
    request: AnyRequest, session: Tenant, control: Control, workspace: Here, import_id: FromPath[UUID]
) -> Response[str]:
    """Stop it; nothing of the file is stored."""
    cancel(session, control, workspace=workspace, import_id=import_id)
    flash = "The import is cancelled. Nothing of the file is stored."
    return redirect(request, f"/w/{workspace.id}/imports/{import_id}", flash=flash)


@post(_ONE + "/reopen", sync_to_thread=True, include_in_schema=False, **_IMPORT)
def reopen_import(
    request: AnyRequest, session: Tenant, control: Control, workspace: Here, import_id: FromPath[UUID]
) -> Response[str]:
    """Back to the step of confirming."""
    reopen(session, control, workspace=workspace, import_id=import_id)
    return redirect(request, f"/w/{workspace.id}/imports/{import_id}")


@get(_ONE + "/errors.csv", sync_to_thread=True, include_in_schema=False, **_READ)
def rejects_file(session: Tenant, storage: Files, import_id: FromPath[UUID]) -> Stream:
    """The rejected rows, to be corrected and imported again."""
    return rejects_stream(storage, import_by_id(session, import_id))


def choices_from_form(data: dict[str, str]) -> Choices:
    """What the form of the confirming step says."""
    mapping = {field.value: column for field in Field if (column := data.get(f"map_{field.value}", ""))}
    order, decimal, revenue = data.get("day_order"), data.get("decimal"), data.get("revenue")
    return Choices(
        mapping=mapping,
        fixed_channel=data.get("fixed_channel", ""),
        day_order=DayOrder(order) if order in set(DayOrder) else None,
        decimal=cast("Literal['.', ',']", decimal) if decimal in {".", ","} else None,
        revenue=RevenueShape(revenue) if revenue in set(RevenueShape) else None,
    )


def _list_page(
    request: AnyRequest,
    session: ScopedSession,
    control: ScopedSession,
    workspace: WorkspaceRef,
    plan: Plan,
    *,
    before: datetime | None = None,
    form: Form | None = None,
    status: int = 200,
) -> Response[str]:
    base = f"/w/{workspace.id}/imports"
    items = list_imports(session, before=before, limit=PAGE + 1)
    shown = items[:PAGE]
    page = ImportsPage(
        lines=[import_line(item, standing_of(control, item, workspace_id=workspace.id), base=base) for item in shown],
        may_import=workspace.allows(Permission.IMPORT_DATA),
        base=base,
        room=room_note(plan, used_this_month(session, Entitlement.IMPORT_ROWS)),
        older_href=f"{base}?before={shown[-1].created_at:%Y-%m-%dT%H:%M:%S.%fZ}" if len(items) > PAGE else "",
        form=form or Form(),
    )
    return render(request, "imports/list.html", page, status=status)


def _import_page(
    request: AnyRequest,
    session: ScopedSession,
    control: ScopedSession,
    workspace: WorkspaceRef,
    plan: Plan,
    item: Import,
    *,
    form: Form | None = None,
    status: int = 200,
) -> Response[str]:
    standing = standing_of(control, item, workspace_id=workspace.id)
    may_import = workspace.allows(Permission.IMPORT_DATA)
    step = None
    if standing.state == "awaiting_confirmation":
        step = _with_choices(_confirm_step(session, workspace, plan, item), form)
    page = import_page(
        item, standing, base=f"/w/{workspace.id}/imports", may_import=may_import, confirm=step, form=form
    )
    return render(request, "imports/import.html", page, status=status)


def _confirm_step(session: ScopedSession, workspace: WorkspaceRef, plan: Plan, item: Import) -> ConfirmStep:
    warnings = limit_warnings(item, plan, used_this_month(session, Entitlement.IMPORT_ROWS))
    if item.content_hash and (
        twin := finished_with_content(session, content_hash=item.content_hash, other_than=item.id)
    ):
        when = day(twin.created_at.date())
        warnings.append((f"The same file was imported on {when}.", "Importing it again changes nothing."))
    return confirm_step(item, workspace_currency=workspace.currency, has_data=has_facts(session), warnings=warnings)


def _with_choices(step: ConfirmStep, form: Form | None) -> ConfirmStep:
    """The step with what was typed, where the form comes back with a complaint."""
    if form is None or not form.values:
        return step
    return replace(
        step,
        fields=[replace(row, selected=form.value(f"map_{row.name}", "")) for row in step.fields],
        questions=[replace(row, selected=form.value(row.name, row.selected)) for row in step.questions],
        fixed_channel=form.value("fixed_channel"),
        revenue=form.value("revenue", step.revenue),
    )


HANDLERS: list[BaseRouteHandler] = [
    imports_page,
    upload,
    template_file,
    one_import,
    confirm_import,
    recognise_again,
    cancel_import,
    reopen_import,
    rejects_file,
]
