"""A page of one sentence, for what only a mail can go on with."""

from dataclasses import dataclass

from litestar import Response

from kit.web.pages import AnyRequest, render


@dataclass(frozen=True)
class MessagePage:
    """A sentence and where to go on."""

    title: str
    text: str
    href: str
    label: str


def check_your_mail(request: AnyRequest) -> Response[str]:
    """The same for everybody, whether a mail was sent or not."""
    page = MessagePage(
        "Check your mail", "We have sent you a mail that says how to go on.", "/sign-in", "To the sign-in page"
    )
    return render(request, "identity/message.html", page)


def link_is_over(request: AnyRequest, *, text: str, href: str, label: str, status: int) -> Response[str]:
    """A mailed link that works no more, and where to get a new one."""
    return render(
        request, "identity/message.html", MessagePage("This link works no more", text, href, label), status=status
    )
