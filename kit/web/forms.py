"""Forms that keep what was typed: values to show again, and the complaint of each field."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kit.errors import AdloomError


@dataclass(frozen=True)
class Form:
    """A form's state on a page."""

    values: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    problems: list[tuple[str, str]] = field(default_factory=list)

    def value(self, name: str, default: str = "") -> str:
        """What was typed, or the default."""
        return self.values.get(name, default)

    def error(self, name: str) -> str:
        """The complaint about one field."""
        return next((message for field_name, message in self.problems if field_name == name), "")


def refused_form(values: Mapping[str, str], refusal: AdloomError) -> Form:
    """The form as it was sent, with what is wrong; secrets are not sent back."""
    kept = {name: value for name, value in values.items() if "password" not in name and name != "csrf_token"}
    named = [(item.field or "", _sentence(refusal, item.message)) for item in refusal.errors]
    return Form(
        kept,
        title=refusal.detail if not named else "Something needs a correction",
        problems=named or [("", refusal.hint)],
    )


def _sentence(refusal: AdloomError, message: str) -> str:
    """Short complaints such as “is unknown” read as sentences only with the refusal's own words."""
    return message if message.endswith(".") else refusal.detail
