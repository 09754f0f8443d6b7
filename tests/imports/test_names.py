"""The same channel under many names is one channel."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.imports.names import CHANNELS, normalise_channel


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("FB Ads", "Facebook Ads"),
        ("facebook", "Facebook Ads"),
        ("Meta", "Facebook Ads"),
        ("facebook_ads", "Facebook Ads"),
        ("Google Ads", "Google Ads"),
        ("google", "Google Ads"),
        ("AdWords", "Google Ads"),
        ("google_search", "Google Search"),
        ("Google Shopping", "Google Shopping"),
        ("PMax", "Google Performance Max"),
        ("google-display", "Google Display"),
        ("You Tube", "YouTube Ads"),
        ("TIKTOK", "TikTok Ads"),
        ("tiktok_ads", "TikTok Ads"),
        ("instagram ads", "Instagram Ads"),
        ("Twitter", "X Ads"),
        ("Bing Ads", "Microsoft Ads"),
        ("Klaviyo", "Email"),
        ("E-Mail", "Email"),
        ("newsletter", "Email"),
        ("Fernsehen", "TV"),
        ("Außenwerbung", "Out of Home"),
        ("direct", "Direct"),
        ("Organic", "Organic Search"),
    ],
)
def test_a_known_spelling_is_its_channel(raw: str, name: str) -> None:
    assert normalise_channel(raw).name == name


def test_no_spelling_means_two_channels() -> None:
    spellings = [spelling for _, spellings in CHANNELS.values() for spelling in spellings]
    assert len(spellings) == len(set(spellings))


@pytest.mark.parametrize(("raw", "name"), [("Brand Sponsoring", "Brand Sponsoring"), ("local_fair", "Local fair")])
def test_an_unknown_name_keeps_its_spelling(raw: str, name: str) -> None:
    assert normalise_channel(raw).name == name


@given(st.text(min_size=1, max_size=200).filter(lambda text: text.strip()))
def test_every_name_has_a_key_that_a_channel_can_carry(raw: str) -> None:
    key = normalise_channel(raw).key
    assert key.replace("_", "").isalnum()
    assert len(key) <= 60


@given(st.sampled_from([name for name, _ in CHANNELS.values()]), st.sampled_from([str.upper, str.lower, str.title]))
def test_a_standard_name_means_itself_however_it_is_written(name: str, how: object) -> None:
    assert normalise_channel(how(name)).name == name  # type: ignore[operator]  # a method of str
