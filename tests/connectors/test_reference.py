"""The SDK's reference page says what the code does."""

import re
from pathlib import Path

import adloom_sdk.testing.kit  # noqa: F401 - registers the points
from adloom_sdk import errors
from adloom_sdk.errors import PlatformError
from adloom_sdk.testing.kit.points import POINTS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "connector-sdk.md").read_text(encoding="utf-8")


def rows(section: str) -> list[tuple[str, ...]]:
    """The cells of the section's table."""
    lines = PAGE.partition(f"## {section}\n")[2].partition("\n## ")[0].splitlines()
    found = [tuple(cell.strip(" `") for cell in line.strip("|").split("|")) for line in lines if line.startswith("| ")]
    return [row for row in found[1:] if not re.fullmatch(r"[\s-]+", row[0])]


def test_it_lists_every_error_with_who_must_act() -> None:
    classes = [
        one
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, PlatformError) and one is not PlatformError
    ]
    wanted = {(one.__name__, str(one.who), str(one.pauses), "yes" if one.may_retry else "no") for one in classes}
    assert set(rows("Errors")) == wanted


def test_it_lists_every_point_of_the_kit() -> None:
    assert rows("The conformance kit") == [(f"C{one.number}", one.title) for _, one in sorted(POINTS.items())]
