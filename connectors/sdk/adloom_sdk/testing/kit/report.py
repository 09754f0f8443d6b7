"""Running the kit, and its report: a table for people, JSON for machines, a badge for a README."""

from collections.abc import Callable

import msgspec

from adloom_sdk.connector import Connector
from adloom_sdk.testing.fakes import FakePlatform
from adloom_sdk.testing.kit import history, installed, reading, refusals, secrecy, truths, writes
from adloom_sdk.testing.kit.points import POINTS, Outcome, judged
from adloom_sdk.testing.kit.rig import Rig

# Importing them registers their points.
_CHAPTERS = (installed, refusals, reading, truths, secrecy, writes, history)
_MARKS = {"passed": "passed", "failed": "FAILED", "does_not_apply": "—"}


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What came of every point."""

    key: str
    title: str
    version: str
    outcomes: tuple[Outcome, ...]

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The points that failed."""
        return tuple(one for one in self.outcomes if one.state == "failed")

    @property
    def score(self) -> str:
        """Passed points of those that apply ("20/20")."""
        applying = [one for one in self.outcomes if one.state != "does_not_apply"]
        return f"{sum(one.state == 'passed' for one in applying)}/{len(applying)}"

    def table(self) -> str:
        """For a terminal."""
        width = max(len(one.title) for one in self.outcomes)
        lines = [f"{self.title} ({self.key} {self.version})", ""]
        for one in self.outcomes:
            line = f"{one.code:>4}  {one.title:<{width}}  {_MARKS[one.state]:<6}  {one.sentence}"
            lines.append(line.rstrip())
        return "\n".join([*lines, "", f"{self.score} points passed that apply to this connector."])

    def json(self) -> str:
        """For machines, with the figures of a badge."""
        badge = {
            "schemaVersion": 1,
            "label": "adloom kit",
            "message": self.score,
            "color": "red" if self.failed else "brightgreen",
        }
        plain = msgspec.to_builtins(self) | {"score": self.score, "is_passed": not self.failed, "badge": badge}
        return msgspec.json.format(msgspec.json.encode(plain)).decode()


def run_kit(connector_class: type[Connector], fake_class: type[FakePlatform], *, only: tuple[int, ...] = ()) -> Report:
    """Hold a connector against every point, or against those of `only`."""
    rig = Rig(connector_class, fake_class)
    numbers = only or tuple(sorted(POINTS))
    manifest = connector_class.manifest
    return Report(
        key=manifest.key,
        title=manifest.title,
        version=manifest.version,
        outcomes=tuple(judged(POINTS[number], rig) for number in numbers),
    )


def conformance_tests(connector_class: type[Connector], fake_class: type[FakePlatform]) -> Callable[[int], None]:
    """A pytest test with a case per point; bind it to a name that begins with `test`. Points that do not apply are skipped."""
    import pytest  # not a dependency: whoever calls this has it

    @pytest.mark.parametrize("number", sorted(POINTS), ids=lambda number: f"C{number}")
    def test_point(number: int) -> None:
        (outcome,) = run_kit(connector_class, fake_class, only=(number,)).outcomes
        if outcome.state == "does_not_apply":
            pytest.skip(outcome.sentence)
        assert outcome.state == "passed", f"{outcome.code} {outcome.title}: {outcome.sentence}"  # noqa: S101 - a test

    return test_point
