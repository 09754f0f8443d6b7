"""Errors on their way out: problem+json (RFC 9457) for programs, a readable page for people. The one mapping to statuses."""

import logging
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from msgspec import UNSET, UnsetType
from sqlalchemy.exc import OperationalError

from kit.errors import (
    AdloomError,
    BadRequest,
    FieldError,
    NotFound,
    PlanDoesNotInclude,
    TooLarge,
    TooManyRequests,
    Unavailable,
)
from kit.web.pages import error_page, wants_page

log = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"
_TYPE_BASE = "https://docs.adloom.example/problems/"


class FieldProblem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One complaint about one place of the input: a field, a row of a file, or both."""

    message: str
    field: str | None = None
    row: int | None = None
    value: str | None = None


class Problem(msgspec.Struct, frozen=True):
    """Why a call was refused, and what to do. `entitlement`, `limit` and `used` come with a plan that does not include it."""

    type: str
    title: str
    status: int
    detail: str
    hint: str
    errors: list[FieldProblem] | UnsetType = UNSET
    entitlement: str | UnsetType = UNSET
    limit: int | UnsetType | None = UNSET
    used: int | UnsetType | None = UNSET


def problem_document(error: AdloomError) -> Problem:
    """The problem+json body of an error."""
    by_plan = error if isinstance(error, PlanDoesNotInclude) else None
    return Problem(
        type=_TYPE_BASE + error.code,
        title=error.title,
        status=error.status,
        detail=error.detail,
        hint=error.hint,
        errors=[FieldProblem(item.message, item.field, item.row, item.value) for item in error.errors] or UNSET,
        entitlement=by_plan.entitlement if by_plan else UNSET,
        limit=by_plan.limit if by_plan else UNSET,
        used=by_plan.used if by_plan else UNSET,
    )


def handle_adloom_error(request: Request[Any, Any, Any], error: AdloomError) -> Response[Any]:
    """Any error of our own taxonomy."""
    headers = {"retry-after": str(error.retry_after_s)} if isinstance(error, TooManyRequests) else {}
    if wants_page(request):
        return error_page(request, error, headers=headers)
    return Response(
        msgspec.json.encode(problem_document(error)), status_code=error.status, media_type=PROBLEM_JSON, headers=headers
    )


def handle_framework_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """What the framework refuses before our code runs, in our words."""
    if error.status_code >= 500:
        return handle_unexpected(request, error)
    return handle_adloom_error(request, _translated(error))


def handle_database_down(request: Request[Any, Any, Any], error: OperationalError) -> Response[Any]:
    """The database cannot be reached: nothing was changed, and it is worth trying again."""
    log.warning("The database cannot be reached: %s", error.orig)
    problem = Unavailable(
        "The database cannot be reached at the moment. Nothing was changed.", "Try again in a few seconds."
    )
    return handle_adloom_error(request, problem)


def handle_unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A defect of ours: logged with its trace, told without it."""
    log.error("Unexpected error at %s %s", request.method, request.url.path, exc_info=error)
    problem = AdloomError(
        "Something went wrong on our side; it has been written down.",
        "Try again; if it stays, tell us the time and the page.",
    )
    return handle_adloom_error(request, problem)


def _translated(error: HTTPException) -> AdloomError:
    if isinstance(error, ValidationException):
        return BadRequest(
            "The request does not have the form that this call takes.", "See the errors for each field.", _fields(error)
        )
    if error.status_code == 404:
        return NotFound("There is nothing at this address.", "Check the address, or start from the overview.")
    if error.status_code == 413:
        return TooLarge("The request is larger than this call takes.", "Send less at once.")
    translated = BadRequest(error.detail, "See the API reference for what this call takes.")
    translated.status = error.status_code  # type: ignore[misc]  # the framework knows more statuses than the taxonomy, 405 say
    return translated


def _fields(error: ValidationException) -> list[FieldError]:
    extra = error.extra if isinstance(error.extra, list) else []
    return [FieldError(str(item.get("message", "")), field=item.get("key")) for item in extra if isinstance(item, dict)]


EXCEPTION_HANDLERS: dict[Any, Any] = {
    AdloomError: handle_adloom_error,
    HTTPException: handle_framework_error,
    OperationalError: handle_database_down,
    Exception: handle_unexpected,
}
