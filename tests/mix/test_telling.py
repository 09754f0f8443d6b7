"""The API tells no point where the grade says that there is none."""

from typing import Any

from app.mix.telling import POINTS, told_result


def channel(grade: str) -> dict[str, Any]:
    return {"channel": "Search", "grade": grade, "roi_low": 0.0, "roi_high": 9.0, "curve": [1]} | dict.fromkeys(
        POINTS, 2.0
    )


def test_what_cannot_be_told_keeps_its_range_and_loses_its_points() -> None:
    stored: dict[str, Any] = {
        "fit": {"draws": []},
        "document": {"channels": [channel("cannot_tell"), channel("uncertain")], "baseline": 1.0},
    }
    told = told_result(stored)
    unknown, known = told["document"]["channels"]
    assert {unknown[name] for name in POINTS} == {None}
    assert (unknown["roi_low"], unknown["roi_high"], unknown["curve"]) == (0.0, 9.0, [])
    assert known == channel("uncertain")
    assert (told["document"]["baseline"], "fit" in told) == (1.0, False)
    assert stored["document"]["channels"][0]["roi_mean"] == 2.0
