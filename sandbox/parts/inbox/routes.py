"""The inbox in the browser, and its JSON twin for tests under `/api/inbox`."""

import re
from base64 import b64encode
from typing import Any

from litestar import MediaType, Request, Response, delete, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery

from sandbox.changes import Changes, WaitSeconds
from sandbox.pages import page
from sandbox.parts.inbox.letters import Letter, Letters, Reading, read_letter

AnyRequest = Request[Any, Any, Any]
# The message's own styles and inline pictures, nothing from elsewhere, no scripts; its links open in a new tab.
FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)


@get("/inbox")
async def list_page(request: AnyRequest, letters: NamedDependency[Letters]) -> Response[str]:
    """Every message, newest first."""
    return page(request, "inbox_list.html", letters=list(letters))


@get("/inbox/{letter_id:int}")
async def letter_page(
    request: AnyRequest, letters: NamedDependency[Letters], letter_id: FromPath[int]
) -> Response[str]:
    """One message, taken apart."""
    letter = _letter(letters, letter_id)
    source = letter.raw.decode("utf-8", "replace")
    return page(request, "inbox_letter.html", letter=letter, reading=read_letter(letter), source=source)


@get("/inbox/{letter_id:int}/html")
async def letter_frame(letters: NamedDependency[Letters], letter_id: FromPath[int]) -> Response[str]:
    """The HTML body alone, for a frame that can do nothing."""
    html = read_letter(_letter(letters, letter_id)).html
    return Response(
        _links_in_new_tab(html), media_type=MediaType.HTML, headers={"content-security-policy": FRAME_POLICY}
    )


@get("/inbox/{letter_id:int}/source.eml")
async def letter_source(letters: NamedDependency[Letters], letter_id: FromPath[int]) -> Response[bytes]:
    """The message exactly as it came."""
    return _download(_letter(letters, letter_id).raw, f"message-{letter_id}.eml")


@get("/inbox/{letter_id:int}/attachments/{number:int}")
async def letter_attachment(
    letters: NamedDependency[Letters], letter_id: FromPath[int], number: FromPath[int]
) -> Response[bytes]:
    """One attached file, counted from 1; always as a download."""
    attachments = read_letter(_letter(letters, letter_id)).attachments
    if not 1 <= number <= len(attachments):
        raise NotFoundException("This message has no such attachment.")
    return _download(attachments[number - 1].content, attachments[number - 1].name)


@get("/api/inbox")
async def list_letters(
    letters: NamedDependency[Letters],
    changes: NamedDependency[Changes],
    to: FromQuery[str | None] = None,
    after: FromQuery[int] = 0,
    wait_s: WaitSeconds = 0,
) -> dict[str, Any]:
    """Messages newer than number `after`, newest first; waits up to `wait_s` for the first one."""
    found = await changes.wait_until(lambda: letters.matching(to=to, after=after), wait_s=wait_s)
    return {"messages": [_summary(letter) for letter in found]}


@get("/api/inbox/latest")
async def latest_letter(
    letters: NamedDependency[Letters],
    changes: NamedDependency[Changes],
    to: FromQuery[str | None] = None,
    after: FromQuery[int] = 0,
    wait_s: WaitSeconds = 0,
) -> dict[str, Any]:
    """The newest message (to this address, after this number); 404 where none came within `wait_s`."""
    found = await changes.wait_until(lambda: letters.matching(to=to, after=after), wait_s=wait_s)
    if not found:
        raise NotFoundException(f"No message{f' to {to}' if to else ''} has come.")
    return _document(found[0])


@get("/api/inbox/{letter_id:int}")
async def letter_document(letters: NamedDependency[Letters], letter_id: FromPath[int]) -> dict[str, Any]:
    """One message with its bodies, headers and links."""
    return _document(_letter(letters, letter_id))


@delete("/api/inbox")
async def clear_letters(letters: NamedDependency[Letters]) -> None:
    """Forget every message; numbers go on counting."""
    letters.clear()


def _letter(letters: Letters, letter_id: int) -> Letter:
    letter = letters.get(letter_id)
    if letter is None:
        raise NotFoundException(
            f"There is no message {letter_id}. The oldest make room after 500, and clearing removes all."
        )
    return letter


def _summary(letter: Letter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "received_at": letter.received_at,
        "from": letter.mail_from,
        "to": letter.recipients,
        "subject": letter.subject,
        "message_id": letter.message_id,
        "preview": letter.preview,
        "bytes": len(letter.raw),
    }


def _document(letter: Letter) -> dict[str, Any]:
    reading: Reading = read_letter(letter)
    return _summary(letter) | {
        "headers": reading.headers,
        "text": reading.text,
        "html": reading.html,
        "links": reading.links,
        "attachments": [
            {"name": item.name, "content_type": item.content_type, "content_base64": b64encode(item.content).decode()}
            for item in reading.attachments
        ],
    }


def _links_in_new_tab(html: str) -> str:
    """The frame cannot leave its own address, so links open beside it."""
    base = '<base target="_blank">'
    head = re.search(r"(?i)<head\b[^>]*>", html)
    return html[: head.end()] + base + html[head.end() :] if head else base + html


def _download(content: bytes, name: str) -> Response[bytes]:
    safe_name = re.sub(r"[^A-Za-z0-9._-]+", "_", name)[:100] or "file"
    headers = {"content-disposition": f'attachment; filename="{safe_name}"'}
    return Response(content, media_type="application/octet-stream", headers=headers)


HANDLERS = [
    list_page,
    letter_page,
    letter_frame,
    letter_source,
    letter_attachment,
    list_letters,
    latest_letter,
    letter_document,
    clear_letters,
]
