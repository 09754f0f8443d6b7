"""What the API tells of an attribution: no point where the grade says that there is none to give, ranges always."""

from typing import Any

# A range says what the data leave open; a point beside it would be read as an answer.
POINTS = ("contribution", "roi_mean", "mroi_mean", "share", "saturation", "mean_lag_days")


def told_result(result: dict[str, Any]) -> dict[str, Any]:  # JSON documents in and out
    """A finished attribution's result without the stored fit, which is for the program itself (draws: the analyst's page)."""
    kept = {name: part for name, part in result.items() if name != "fit"}
    return kept | {"document": told_document(result["document"])}


def told_document(document: dict[str, Any]) -> dict[str, Any]:
    """The document with null for every point of a channel that is graded `cannot_tell`, and no curve for it."""
    return document | {"channels": [_told_channel(channel) for channel in document.get("channels", ())]}


def _told_channel(channel: dict[str, Any]) -> dict[str, Any]:
    if channel["grade"] != "cannot_tell":
        return channel
    return channel | dict.fromkeys(POINTS) | {"curve": []}
