"""Imports for programs: upload by multipart, or straight to the storage with a signed address; confirm; read what came out."""

from dataclasses import dataclass
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import Annotated, BinaryIO, Literal, cast
from uuid import UUID

from anyio import to_thread
from litestar import Response, get, post, put
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, MultipartBody
from litestar.response import Stream

from app.imports.downloads import csv_response, rejects_stream
from app.imports.models import Import
from app.imports.queries import import_by_id, list_imports
from app.imports.replies import HREF, import_reply, standing_of, upload_reply
from app.imports.schemas import Choices, ImportReply, PresignRequest, UploadReply
from app.imports.service import cancel, complete, confirm, confirm_if_certain, presign, receive
from app.imports.template import TEMPLATE_NAME, template_csv
from kit.clock import today_in
from kit.db import ScopedSession
from kit.errors import Conflict, NotFound, TooLarge, UnsupportedFile
from kit.storage import CHUNK_BYTES, DirectoryStorage, Storage
from kit.web.access import access, for_everyone
from kit.web.pages import AnyRequest
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal, WorkspaceRef

Tenant = NamedDependency[ScopedSession]
Control = NamedDependency[ScopedSession]
Here = NamedDependency[WorkspaceRef]
Caller = NamedDependency[Principal]
Files = NamedDependency[Storage]
_ACCESS = access(Permission.IMPORT_DATA)


@dataclass(frozen=True)
class UploadForm:
    """A file; with `confirm` = `ask` it waits for a confirmation even where nothing is in doubt."""

    file: UploadFile
    confirm: Literal["auto", "ask"] = "auto"


@get("/api/v1/imports/template.csv", sync_to_thread=True, summary="Template", media_type="text/csv", **_ACCESS)
def read_template(workspace: Here) -> Response[bytes]:
    """The columns of an import with a few rows to be overwritten."""
    return csv_response(template_csv(today=today_in(workspace.timezone)), TEMPLATE_NAME)


@post(
    "/api/v1/imports",
    sync_to_thread=True,
    status_code=202,
    summary="Import a file",
    **access(Permission.IMPORT_DATA, raises=(TooLarge, UnsupportedFile)),
)
def start_import(
    session: Tenant,
    control: Control,
    storage: Files,
    workspace: Here,
    caller: Caller,
    data: Annotated[UploadForm, *MultipartBody.__metadata__],
) -> Response[ImportReply]:
    """Upload a CSV or XLSX file. It is imported at once where everything was recognised with certainty; else its state is
    `awaiting_confirmation`, and `recognised.questions` and `recognised.missing` say what to confirm."""
    user = caller.signed_in()
    item = receive(
        session,
        storage,
        workspace=workspace,
        user=user,
        filename=data.file.filename,
        stream=cast("BinaryIO", data.file.file),
    )
    if data.confirm == "auto":
        item = confirm_if_certain(session, workspace=workspace, user=user, item=item)
    return _answered(control, item, workspace)


@post(
    "/api/v1/imports/presign",
    sync_to_thread=True,
    status_code=201,
    summary="Ask for an upload address",
    **access(Permission.IMPORT_DATA, raises=(TooLarge,)),
)
def start_upload(
    session: Tenant, storage: Files, workspace: Here, caller: Caller, data: JSONBody[PresignRequest]
) -> UploadReply:
    """An address to upload a large file to, past this server where a bucket is configured. Then POST to `complete_href`."""
    item, ticket = presign(
        session,
        storage,
        workspace=workspace,
        user=caller.signed_in(),
        filename=data.filename,
        size_bytes=data.size_bytes,
    )
    return upload_reply(item, ticket)


@put("/api/v1/uploads/{token:str}", status_code=204, include_in_schema=False, **for_everyone())
async def take_upload(request: AnyRequest, storage: Files, token: FromPath[str]) -> None:
    """The body of an upload to an address that we have signed; the signature is the permission."""
    if not isinstance(storage, DirectoryStorage):
        raise NotFound("Uploads go to the bucket here.", "Use the address that you were given.")
    storage.check_ticket(token)
    with SpooledTemporaryFile(max_size=CHUNK_BYTES) as spooled:
        async for piece in request.stream():
            await to_thread.run_sync(spooled.write, piece)
        spooled.seek(0)
        await to_thread.run_sync(storage.accept_upload, token, cast("BinaryIO", spooled))


@post(
    "/api/v1/imports/{import_id:uuid}/complete",
    sync_to_thread=True,
    status_code=202,
    summary="Complete an upload",
    **access(Permission.IMPORT_DATA, raises=(Conflict, TooLarge, UnsupportedFile)),
)
def complete_upload(
    session: Tenant,
    control: Control,
    storage: Files,
    workspace: Here,
    caller: Caller,
    import_id: FromPath[UUID],
    confirm: FromQuery[Literal["auto", "ask"]] = "auto",
) -> Response[ImportReply]:
    """Go on with the uploaded file, as if it had come by multipart."""
    item = complete(session, storage, workspace=workspace, import_id=import_id)
    if confirm == "auto":
        item = confirm_if_certain(session, workspace=workspace, user=caller.signed_in(), item=item)
    return _answered(control, item, workspace)


@post(
    "/api/v1/imports/{import_id:uuid}/confirm",
    sync_to_thread=True,
    status_code=202,
    summary="Confirm an import",
    **access(Permission.IMPORT_DATA, raises=(Conflict,)),
)
def confirm_import(
    session: Tenant,
    control: Control,
    workspace: Here,
    caller: Caller,
    import_id: FromPath[UUID],
    data: JSONBody[Choices],
) -> Response[ImportReply]:
    """Start it with the given answers; what is left out stays as it was recognised."""
    item = confirm(session, workspace=workspace, user=caller.signed_in(), import_id=import_id, choices=data)
    return _answered(control, item, workspace)


@post(
    "/api/v1/imports/{import_id:uuid}/cancel",
    sync_to_thread=True,
    status_code=200,
    summary="Cancel an import",
    **access(Permission.IMPORT_DATA, raises=(Conflict,)),
)
def cancel_import(session: Tenant, control: Control, workspace: Here, import_id: FromPath[UUID]) -> ImportReply:
    """Stop it; nothing of the file is stored."""
    item = cancel(session, control, workspace=workspace, import_id=import_id)
    return _shown(control, item, workspace)


@get("/api/v1/imports", sync_to_thread=True, summary="Imports", **_ACCESS)
def read_imports(
    session: Tenant, control: Control, workspace: Here, before: FromQuery[datetime | None] = None
) -> list[ImportReply]:
    """The newest imports; `before` goes on from the `created_at` of the last one."""
    return [_shown(control, item, workspace) for item in list_imports(session, before=before)]


@get("/api/v1/imports/{import_id:uuid}", sync_to_thread=True, summary="An import", **_ACCESS)
def read_import(session: Tenant, control: Control, workspace: Here, import_id: FromPath[UUID]) -> ImportReply:
    """State, progress, what was recognised, and what came out."""
    return _shown(control, import_by_id(session, import_id), workspace)


@get(
    "/api/v1/imports/{import_id:uuid}/errors.csv",
    sync_to_thread=True,
    summary="Rejected rows",
    media_type="text/csv",
    **_ACCESS,
)
def read_errors(session: Tenant, storage: Files, import_id: FromPath[UUID]) -> Stream:
    """The rejected rows with their problems; corrected, the file can be imported again."""
    return rejects_stream(storage, import_by_id(session, import_id))


def _shown(control: ScopedSession, item: Import, workspace: WorkspaceRef) -> ImportReply:
    return import_reply(item, standing_of(control, item, workspace_id=workspace.id))


def _answered(control: ScopedSession, item: Import, workspace: WorkspaceRef) -> Response[ImportReply]:
    return Response(_shown(control, item, workspace), status_code=202, headers={"location": f"{HREF}{item.id}"})


HANDLERS: list[BaseRouteHandler] = [
    read_template,
    start_import,
    start_upload,
    take_upload,
    complete_upload,
    confirm_import,
    cancel_import,
    read_imports,
    read_import,
    read_errors,
]
