"""Telling of customers for programs: events one by one and in batches, and whole files by multipart."""

from dataclasses import dataclass
from typing import Annotated, BinaryIO, Literal, cast
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody, MultipartBody
from litestar.response import Stream
from sqlalchemy.orm import Session

from app.customers.models import CustomerUpload
from app.customers.queries import customer_by_id
from app.imports.customer_columns import missing_columns
from app.imports.customer_errors import errors_stream
from app.imports.customer_files import (
    CustomerAnswers,
    cancel_upload,
    columns_of,
    confirm_customers,
    confirm_if_clear,
    newest_uploads,
    questions_of,
    receive_customers,
    shape_of,
    upload_by_id,
)
from app.imports.customer_schemas import CustomerUploadReply, EventBatch, EventsReply, OneEvent, upload_reply
from app.imports.customer_telling import tell, tell_of
from billing.plans import Plan
from kit.db import ScopedSession
from kit.errors import Conflict, TooLarge, UnsupportedFile
from kit.storage import Storage
from kit.web.access import access
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal, WorkspaceRef

Tenant = NamedDependency[ScopedSession]
Control = NamedDependency[ScopedSession]
Here = NamedDependency[WorkspaceRef]
Caller = NamedDependency[Principal]
Files = NamedDependency[Storage]
CurrentPlan = NamedDependency[Plan]
CUSTOMERS = "/api/v1/customers"
ONE_UPLOAD = CUSTOMERS + "/uploads/{upload_id:uuid}"
_IMPORT = access(Permission.IMPORT_DATA)


@dataclass(frozen=True)
class CustomerFile:
    """A file; with `confirm` = `ask` it waits for a confirmation even where nothing is in doubt."""

    file: UploadFile
    confirm: Literal["auto", "ask"] = "auto"


@post(
    "/api/v1/events",
    sync_to_thread=True,
    status_code=200,
    summary="Tell what customers did",
    **access(Permission.IMPORT_DATA, raises=(TooLarge,)),
)
def tell_events(session: Tenant, workspace: Here, plan: CurrentPlan, data: JSONBody[EventBatch]) -> EventsReply:
    """Up to 1,000 events. Each row stands for itself: what is valid is stored, the others come back with a sentence. Sending a
    batch again changes nothing."""
    return tell(session, data.events, source=data.source, workspace=workspace, plan=plan)


@post(
    CUSTOMERS + "/{customer_id:uuid}/events",
    sync_to_thread=True,
    status_code=200,
    summary="Tell what a customer did",
    **_IMPORT,
)
def tell_event(
    session: Tenant, workspace: Here, plan: CurrentPlan, customer_id: FromPath[UUID], data: JSONBody[OneEvent]
) -> EventsReply:
    """One event of a known customer."""
    customer = customer_by_id(session, customer_id)
    return tell_of(session, customer, data, source=data.source, workspace=workspace, plan=plan)


@post(
    CUSTOMERS + "/upload",
    sync_to_thread=True,
    status_code=202,
    summary="Upload a file about customers",
    **access(Permission.IMPORT_DATA, raises=(Conflict, TooLarge, UnsupportedFile)),
)
def upload_customers(
    session: Tenant,
    storage: Files,
    workspace: Here,
    caller: Caller,
    data: Annotated[CustomerFile, *MultipartBody.__metadata__],
) -> Response[CustomerUploadReply]:
    """A CSV or XLSX file: orders, refunds, touches, offers and events with a day, or a list of customers. It is read at once where
    everything was recognised with certainty; else its state is `awaiting_confirmation`."""
    user = caller.signed_in()
    item = receive_customers(
        session,
        storage,
        workspace=workspace,
        user=user,
        filename=data.file.filename,
        stream=cast("BinaryIO", data.file.file),
    )
    if data.confirm == "auto":
        item = confirm_if_clear(session, storage, workspace=workspace, user=user, item=item)
    return _answered(session, item)


@post(
    ONE_UPLOAD + "/confirm",
    sync_to_thread=True,
    status_code=202,
    summary="Confirm a file about customers",
    **access(Permission.IMPORT_DATA, raises=(Conflict,)),
)
def confirm_upload(
    session: Tenant,
    storage: Files,
    workspace: Here,
    caller: Caller,
    upload_id: FromPath[UUID],
    data: JSONBody[CustomerAnswers],
) -> Response[CustomerUploadReply]:
    """Start reading it with the given answers; what is left out stays as it was recognised."""
    user = caller.signed_in()
    item = confirm_customers(session, storage, workspace=workspace, user=user, upload_id=upload_id, answers=data)
    return _answered(session, item)


@post(
    ONE_UPLOAD + "/cancel",
    sync_to_thread=True,
    status_code=200,
    summary="Cancel a file about customers",
    **access(Permission.IMPORT_DATA, raises=(Conflict,)),
)
def cancel_customers(
    session: Tenant, control: Control, workspace: Here, upload_id: FromPath[UUID]
) -> CustomerUploadReply:
    """Stop it; nothing of the file is stored."""
    return _shown(cancel_upload(session, control, workspace=workspace, upload_id=upload_id))


@get(CUSTOMERS + "/uploads", sync_to_thread=True, summary="Files about customers", **_IMPORT)
def read_uploads(session: Tenant) -> list[CustomerUploadReply]:
    """The newest uploads."""
    return [_shown(item) for item in newest_uploads(session)]


@get(ONE_UPLOAD, sync_to_thread=True, summary="A file about customers", **_IMPORT)
def read_upload(session: Tenant, upload_id: FromPath[UUID]) -> CustomerUploadReply:
    """Its state, what was recognised, and what came out."""
    return _shown(upload_by_id(session, upload_id))


@get(
    ONE_UPLOAD + "/errors.csv",
    sync_to_thread=True,
    summary="Rows that were not taken",
    media_type="text/csv",
    **_IMPORT,
)
def read_upload_errors(session: Tenant, storage: Files, upload_id: FromPath[UUID]) -> Stream:
    """Row, column and problem of what was not taken. Correct the rows in your file and upload all of it again."""
    return errors_stream(storage, upload_by_id(session, upload_id))


def _shown(item: CustomerUpload) -> CustomerUploadReply:
    is_open = item.state == "awaiting_confirmation"
    questions = [topic.value for topic in questions_of(shape_of(item))] if is_open else []
    return upload_reply(item, missing=missing_columns(columns_of(item)) if is_open else [], questions=questions)


def _answered(session: Session, item: CustomerUpload) -> Response[CustomerUploadReply]:
    session.flush()
    shown = _shown(item)
    return Response(shown, status_code=202, headers={"location": shown.href})


HANDLERS: list[BaseRouteHandler] = [
    tell_events,
    tell_event,
    upload_customers,
    confirm_upload,
    cancel_customers,
    read_uploads,
    read_upload,
    read_upload_errors,
]
