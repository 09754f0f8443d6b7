"""What platforms and previews say, in words that people read."""

import pytest

from adloom_sdk.messages import ActionKind
from adloom_sdk.records import EntityStatus
from app.performance.campaigns.change_page import proposed
from app.performance.campaigns.wording import platform_words
from tests.campaigns.advertiser import Advertiser
from tests.campaigns.platform import Platform


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("OUTCOME_SALES", "Outcome sales"),
        ("ACTIVE", "Active"),
        ("Sales of the winter range", "Sales of the winter range"),
    ],
)
def test_constants_of_platforms_become_words_and_words_of_people_stay(told: str, shown: str) -> None:
    assert platform_words(told) == shown


def test_a_preview_says_where_nothing_would_change(advertiser: Advertiser) -> None:
    platform = Platform.of(advertiser)
    campaign = platform.stored(status=EntityStatus.PAUSED)
    manifests = {"meta_ads": platform.bench.connector.manifest}
    pause, enable = (
        proposed(advertiser.session, [campaign], kind=kind, typed="", manifests=manifests)[0]
        for kind in (ActionKind.PAUSE, ActionKind.ENABLE)
    )
    assert pause.problem == "Nothing would change."
    assert enable.problem == ""
