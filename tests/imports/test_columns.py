"""Column names in many languages are understood; ratios and wide files are not mistaken for data."""

import pytest

from app.imports.columns import mapping_from_headers, match_columns, suggest_mapping
from app.imports.refusals import ColumnsMissing, WideFile
from app.imports.shape import Field

SAMPLE = ["2026-01-05", "Google Ads", "12.50", "40"]


@pytest.mark.parametrize(
    "header",
    [
        ["date", "channel", "spend", "revenue"],
        ["Datum", "Kanal", "Kosten", "Umsatz"],
        ["Tag", "Plattform", "Werbeausgaben", "Nettoumsatz"],
        ["Jour", "Canal", "Coût", "Chiffre d'affaires"],
        ["Fecha", "Canal", "Gasto", "Ingresos"],
        ["Data", "Canale", "Spesa", "Fatturato"],
        ["Data", "Canal", "Custo", "Receita"],
        ["Datum", "Kanaal", "Uitgaven", "Omzet"],
        ["Day", "Source", "Amount spent (USD)", "Purchases conversion value"],
        ["DATE", "MARKETING_CHANNEL", "AD_SPEND_EUR", "TOTAL_REVENUE"],
        ["Reporting date", "Ad platform", "Cost [€]", "Conv. value"],
        ["dateDay", "channelName", "mediaCost", "salesValue"],
        ["Date", "Chanel", "Spend", "Revenu"],
        ["Datum", "Kanal", "Kosten", "Umsatz (€)"],
    ],
)
def test_the_required_columns_are_found_by_name(header: list[str]) -> None:
    mapping = suggest_mapping(header, [SAMPLE])
    assert mapping.missing == ()
    assert mapping.positions == {Field.DATE: 0, Field.CHANNEL: 1, Field.SPEND: 2, Field.REVENUE: 3}
    assert all(match.reason and 0 < match.confidence <= 1 for match in mapping.matches)


def test_optional_columns_are_found_by_name() -> None:
    header = ["Impr.", "Link clicks", "Bestellungen", "Neukunden", "Returning customers", "Campaign name"]
    found = match_columns(header, [["1", "2", "3", "4", "5", "Sale"]]).positions
    assert list(found) == [
        Field.IMPRESSIONS, Field.CLICKS, Field.CONVERSIONS, Field.NEW_CUSTOMERS, Field.RETURNING_CUSTOMERS, Field.CAMPAIGN,
    ]  # fmt: skip
    assert list(found.values()) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "name",
    [
        "Cost per click",
        "CPC",
        "Cost / conv.",
        "ROAS",
        "Conversion rate",
        "CTR (%)",
        "Campaign ID",
        "Avg. cost",
        "Currency",
    ],
)
def test_ratios_and_ids_are_no_measures(name: str) -> None:
    assert match_columns([name], [["1.2"]]).matches == ()


def test_letters_damaged_before_the_upload_do_not_hide_a_column() -> None:
    assert match_columns(["CoÃ»t"], [["1"]]).positions == {Field.SPEND: 0}


def test_values_that_do_not_fit_a_name_lower_the_confidence() -> None:
    mapping = match_columns(["spend", "cost"], [["Google", "12.50"]])
    assert mapping.positions == {Field.SPEND: 1}


def test_an_unnamed_column_of_dates_is_the_date() -> None:
    assert match_columns(["when", "spend"], [["2026-01-05", "1"], ["2026-01-06", "1"]]).positions[Field.DATE] == 0


def test_what_was_confirmed_before_wins() -> None:
    mapping = match_columns(["date", "sales", "umsatz"], [["2026-01-05", "1", "2"]], {"revenue": "sales"})
    assert mapping.positions[Field.REVENUE] == 1


@pytest.mark.parametrize(
    "header",
    [
        ["date", "facebook_spend", "TikTok", "google_S", "revenue"],
        ["week", "Channel0_spend", "Channel1_spend", "clicks", "revenue"],
    ],
)
def test_a_file_with_a_column_per_channel_is_refused_with_the_way_out(header: list[str]) -> None:
    with pytest.raises(WideFile, match="one column per channel") as refusal:
        suggest_mapping(header, [["2026-01-05", "1", "2", "3", "4"]])
    assert "date, channel, spend, revenue" in refusal.value.hint


def test_a_file_without_channels_is_not_taken_for_a_wide_one() -> None:
    mapping = suggest_mapping(["date", "total spend", "ad cost", "revenue"], [["2026-01-05", "1", "2", "3"]])
    assert mapping.missing == (Field.CHANNEL,)


def test_missing_columns_are_named() -> None:
    with pytest.raises(ColumnsMissing, match="channel, revenue"):
        match_columns(["date", "spend"], [["2026-01-05", "1"]]).require_complete()


def test_a_file_of_one_channel_needs_no_channel_column() -> None:
    header = ["date", "spend", "revenue"]
    mapping = mapping_from_headers(header, {name: name for name in header}, fixed_channel="Google Ads")
    mapping.require_complete()


@pytest.mark.parametrize("chosen", [{"spend": "nowhere"}, {"profit": "cost"}, {"spend": "cost", "revenue": "cost"}])
def test_a_choice_that_makes_no_sense_is_refused(chosen: dict[str, str]) -> None:
    with pytest.raises(ColumnsMissing):
        mapping_from_headers(["date", "cost"], chosen)
