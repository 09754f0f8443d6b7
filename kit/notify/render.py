"""Mail from templates: one `.html` and one `.txt` of the same name, the styles moved onto the elements for mail programs."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import css_inline
from jinja2 import Environment, StrictUndefined

from kit.notify.message import Mail


def render_mail(
    environment: Environment,
    template: str,
    context: Mapping[str, Any],
    *,
    to: str,
    subject: str,
    reply_to: str | None = None,
) -> Mail:
    """The mail that `template` makes of `context`; `email/verify_email` means `email/verify_email.html` and `….txt`.

    The templates also see `subject`. A variable that is missing from the context fails; nothing is fetched.
    """
    variables = {**context, "subject": subject}
    html = _environment(environment, True).get_template(f"{template}.html").render(variables)
    text = _environment(environment, False).get_template(f"{template}.txt").render(variables)
    return Mail(to=to, subject=subject, html=_inlined(html), text=_tidy(text), reply_to=reply_to)


@lru_cache(maxsize=8)
def _environment(environment: Environment, autoescape: bool) -> Environment:
    """The caller's environment, strict, and escaping for HTML only; kept, because it holds the compiled templates."""
    return environment.overlay(autoescape=autoescape, undefined=StrictUndefined)


def _inlined(html: str) -> str:
    """Styles as attributes; the style element stays for what cannot be one, such as the dark scheme."""
    return css_inline.inline(html, keep_style_tags=True, remove_inlined_selectors=True, load_remote_stylesheets=False)


def _tidy(text: str) -> str:
    """No more than one empty line at a time, and none at the ends."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = [line for index, line in enumerate(lines) if line or lines[index - 1]]
    return "\n".join(kept) + "\n"
