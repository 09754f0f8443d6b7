"""The points of the conformance kit: a number, a title, a function that raises `Failed` or `DoesNotApply` with one sentence."""

import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from adloom_sdk.errors import PlatformError
from adloom_sdk.testing.kit.rig import DoesNotApply, Endless, Failed, Rig

Check = Callable[[Rig], str | None]
State = Literal["passed", "failed", "does_not_apply"]


class Point(NamedTuple):
    """One point. The check may return a remark for the author."""

    number: int
    title: str
    check: Check


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a point; `sentence` says what is wrong and what to do, or why it does not apply, or a remark."""

    number: int
    title: str
    state: State
    sentence: str = ""
    took_ms: int = 0

    @property
    def code(self) -> str:
        """The point as people speak of it."""
        return f"C{self.number}"


POINTS: dict[int, Point] = {}


def point(number: int, title: str) -> Callable[[Check], Check]:
    """Register a function as a point of the kit."""

    def register(check: Check) -> Check:
        POINTS[number] = Point(number, title, check)
        return check

    return register


def judged(one: Point, rig: Rig) -> Outcome:
    """Run one point."""
    began = time.perf_counter()
    state, sentence = _result(one, rig)
    took_ms = round((time.perf_counter() - began) * 1000)
    return Outcome(number=one.number, title=one.title, state=state, sentence=sentence, took_ms=took_ms)


def _result(one: Point, rig: Rig) -> tuple[State, str]:
    try:
        return "passed", one.check(rig) or ""
    except DoesNotApply as reason:
        return "does_not_apply", str(reason)
    except Failed as reason:
        return "failed", str(reason)
    except Endless:
        words = "The connector asked thousands of times without an end: bound every loop, and give up with Transient."
        return "failed", words
    except PlatformError as error:
        name = type(error).__name__
        return "failed", f"The connector raised {name} ({error}) {_place(error)} where the fake answered as it should."
    except Exception as error:  # a defect of connector or fake: the sentence says where
        name, words = type(error).__name__, str(error) or "no message"
        return "failed", f"{name} ({words}) {_place(error)}: connectors raise only the errors of adloom_sdk.errors."


def _place(error: BaseException) -> str:
    """Where it came from, in the author's own files if it passed there."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "adloom_sdk" not in Path(frame.filename).parts]
    if not frames:
        return "somewhere"
    frame = (own or frames)[-1]
    return f"in {Path(frame.filename).name}, line {frame.lineno}"
