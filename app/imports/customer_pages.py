"""Pages on which files about customers are dropped, confirmed and followed. All of it works without a script."""

from dataclasses import dataclass, replace
from typing import Annotated, BinaryIO, cast
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, MultipartBody, URLEncodedBody
from litestar.response import Stream

from app.customers.models import CustomerUpload
from app.imports.customer_columns import CustomerField
from app.imports.customer_errors import errors_stream
from app.imports.customer_files import (
    CustomerAnswers,
    cancel_upload,
    confirm_customers,
    confirm_if_clear,
    newest_uploads,
    receive_customers,
    upload_by_id,
)
from app.imports.customer_presenting import Standing, UploadsPage, upload_line, upload_page
from app.imports.presenting import remembered_form, room_note
from app.imports.shape import DayOrder
from billing.entitlements import used_this_month
from billing.plans import Entitlement, Plan
from kit.db import ScopedSession
from kit.errors import AdloomError, NotFound
from kit.jobs.queries import job_of
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
_LIST = "/w/{workspace_id:uuid}/customers/uploads"
_ONE = _LIST + "/{upload_id:uuid}"
_IMPORT = access(Permission.IMPORT_DATA)
_JOB_STATES = {"running": "running", "dead": "failed", "cancelled": "cancelled"}


@dataclass(frozen=True)
class DroppedFile:
    """The dropped file."""

    file: UploadFile
    csrf_token: str = ""


@get(_LIST, sync_to_thread=True, include_in_schema=False, **_IMPORT)
def uploads_page(
    request: AnyRequest, session: Tenant, control: Control, workspace: Here, plan: CurrentPlan
) -> Response[str]:
    """The drop zone, an example and the files so far."""
    return render(request, "customers/uploads.html", _uploads(session, control, workspace, plan))


@post(_LIST, sync_to_thread=True, include_in_schema=False, **_IMPORT)
def take_upload(
    request: AnyRequest,
    session: Tenant,
    control: Control,
    storage: Files,
    workspace: Here,
    plan: CurrentPlan,
    caller: Caller,
    data: Annotated[DroppedFile, *MultipartBody.__metadata__],
) -> Response[str]:
    """Take the file in; where nothing is in doubt it is read at once."""
    user = caller.signed_in()
    try:
        item = receive_customers(
            session,
            storage,
            workspace=workspace,
            user=user,
            filename=data.file.filename,
            stream=cast("BinaryIO", data.file.file),
        )
        confirm_if_clear(session, storage, workspace=workspace, user=user, item=item)
    except AdloomError as refusal:
        shown = replace(_uploads(session, control, workspace, plan), form=remembered_form({}, refusal))
        return render(request, "customers/uploads.html", shown, status=refusal.status)
    return redirect(request, f"{_base(workspace)}/customers/uploads/{item.id}")


@get(_ONE, sync_to_thread=True, include_in_schema=False, **_IMPORT)
def one_upload(
    request: AnyRequest, session: Tenant, control: Control, workspace: Here, upload_id: FromPath[UUID]
) -> Response[str]:
    """One file at the step where it is."""
    return _page(request, control, workspace, upload_by_id(session, upload_id), Form())


@post(_ONE + "/confirm", sync_to_thread=True, include_in_schema=False, **_IMPORT)
def confirm_upload(
    request: AnyRequest,
    session: Tenant,
    control: Control,
    storage: Files,
    workspace: Here,
    caller: Caller,
    upload_id: FromPath[UUID],
    data: FormData,
) -> Response[str]:
    """Start reading as confirmed."""
    user = caller.signed_in()
    try:
        confirm_customers(
            session,
            storage,
            workspace=workspace,
            user=user,
            upload_id=upload_id,
            answers=_answers(data),
        )
    except AdloomError as refusal:
        item, form = upload_by_id(session, upload_id), remembered_form(data, refusal)
        return _page(request, control, workspace, item, form, status=refusal.status)
    return redirect(request, f"{_base(workspace)}/customers/uploads/{upload_id}")


@post(_ONE + "/cancel", sync_to_thread=True, include_in_schema=False, **_IMPORT)
def discard_upload(
    request: AnyRequest, session: Tenant, control: Control, workspace: Here, upload_id: FromPath[UUID]
) -> Response[str]:
    """Stop it; nothing of the file is stored."""
    cancel_upload(session, control, workspace=workspace, upload_id=upload_id)
    flash = "The file is discarded. Nothing of it is stored."
    return redirect(request, f"{_base(workspace)}/customers/uploads", flash=flash)


@get(_ONE + "/errors.csv", sync_to_thread=True, include_in_schema=False, **_IMPORT)
def upload_errors(session: Tenant, storage: Files, upload_id: FromPath[UUID]) -> Stream:
    """Which rows were not taken, and why."""
    return errors_stream(storage, upload_by_id(session, upload_id))


def _answers(data: dict[str, str]) -> CustomerAnswers:
    columns = {one.value: name for one in CustomerField if (name := data.get(f"map_{one.value}", ""))}
    order, decimal = data.get("day_order"), data.get("decimal")
    return CustomerAnswers(
        columns=columns,
        day_order=DayOrder(order) if order in set(DayOrder) else None,
        decimal=decimal if decimal in {".", ","} else None,
    )


def _uploads(session: ScopedSession, control: ScopedSession, workspace: WorkspaceRef, plan: Plan) -> UploadsPage:
    base = f"{_base(workspace)}/customers"
    lines = [upload_line(item, _standing(control, item, workspace), base=base) for item in newest_uploads(session)]
    return UploadsPage(lines, base, room_note(plan, used_this_month(session, Entitlement.IMPORT_ROWS)))


def _page(
    request: AnyRequest,
    control: ScopedSession,
    workspace: WorkspaceRef,
    item: CustomerUpload,
    form: Form,
    *,
    status: int = 200,
) -> Response[str]:
    standing = _standing(control, item, workspace)
    shown = upload_page(item, standing, workspace_base=_base(workspace), currency=workspace.currency, form=form)
    return render(request, "customers/upload.html", shown, status=status)


def _standing(control: ScopedSession, item: CustomerUpload, workspace: WorkspaceRef) -> Standing:
    if item.state != "queued" or item.job_id is None:
        return Standing(item.state, 1.0 if item.state == "done" else 0.0, "", item.problem)
    try:
        job = job_of(control, item.job_id, workspace_id=workspace.id)
    except NotFound:
        return Standing(item.state, 0.0, "", item.problem)
    return Standing(_JOB_STATES.get(job.state, "queued"), job.progress, job.message, job.problem)


def _base(workspace: WorkspaceRef) -> str:
    return f"/w/{workspace.id}"


HANDLERS: list[BaseRouteHandler] = [
    uploads_page,
    take_upload,
    one_upload,
    confirm_upload,
    discard_upload,
    upload_errors,
]
