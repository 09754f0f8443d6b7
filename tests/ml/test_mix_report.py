"""The documents have the fields that scripts rely on, and the sentences give no number where there is none to give."""

import json

from ml.mix import optimise_budget
from ml.mix.report import budget_document, channel_sentence, mix_fit_document, quality_sentence, summary_sentences
from tests.ml.businesses import calm_fit

RANGES = {f"{name}_{end}" for name in ("roi", "mroi") for end in ("mean", "low", "high")}
CHANNEL = RANGES | {"channel", "spend", "contribution", "contribution_low", "contribution_high", "grade", "curve"}
PLAN = {"allocation", "expected_uplift_per_day", "uplift_low", "uplift_high", "probability_better", "advice", "binding"}


def test_the_fit_document_keeps_its_fields() -> None:
    document = json.loads(json.dumps(mix_fit_document(calm_fit())))
    assert set(document) >= {"channels", "baseline", "fit", "warnings", "cpu_s"}
    assert set(document["fit"]) == {"r2", "holdout_mape", "rhat"}
    for channel in document["channels"]:
        assert set(channel) >= CHANNEL
        assert set(channel["curve"][0]) == {"spend_per_day", "revenue_per_day", "low", "high"}


def test_the_budget_document_keeps_its_fields() -> None:
    document = json.loads(json.dumps(budget_document(optimise_budget(calm_fit(), budget_per_day=300))))
    assert set(document) >= PLAN
    assert set(document["allocation"][0]) == {"channel", "current_per_day", "recommended_per_day"}


def test_sentences_say_the_return_and_its_range() -> None:
    sentence = channel_sentence(calm_fit().channel("Search"), "EUR")
    assert sentence.startswith("Search: about €")
    assert "back per €1, likely between €" in sentence


def test_no_number_is_given_where_the_grade_says_cannot_tell() -> None:
    sentence = channel_sentence(calm_fit().channel("Display"))
    assert "cannot tell yet" in sentence
    assert not any(character.isdigit() for character in sentence)


def test_the_surest_channel_comes_first() -> None:
    sentences = summary_sentences(calm_fit())
    assert sentences[0].startswith("Search")
    assert len(sentences) == 4
    assert "explains" in quality_sentence(calm_fit())
