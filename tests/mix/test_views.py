"""What a marketer reads: no number without its range, no point where none can be told, no certainty that is not there."""

import io
from dataclasses import replace
from typing import Any

import pytest

from app.mix.asking import budget_form
from app.mix.charts import response_charts, roi_chart
from app.mix.export import attribution_tables
from app.mix.forms import budget_request, forecast_request
from app.mix.presenting import likelihood, signed_amount
from app.mix.queries import PaidChannel
from app.mix.sample import KEY, build_sample, read_sample
from app.mix.schemas import BudgetRequest
from app.mix.trying import TryRequest, Wish, try_split
from app.mix.views import attribution_view, forecast_view, plan_view
from kit.errors import InvalidInput
from kit.settings import Settings
from kit.storage import open_storage
from ml.forecast import Forecast
from ml.mix.results import MixFit

CHANNELS = [PaidChannel("google_search", "Google Search", 0, 150.0), PaidChannel("email", "Email", 1, 30.0)]


@pytest.fixture(scope="session")
def doubtful(fit: MixFit) -> MixFit:
    """The same fit, with nothing to be told of Email."""
    channels = [
        replace(one, grade="cannot_tell", grade_reason="Its spend never moved.") if one.channel == "Email" else one
        for one in fit.channels
    ]
    return replace(fit, channels=tuple(channels))


def slots_of(fit: MixFit) -> dict[str, int]:
    return {name: slot for slot, name in enumerate(fit.names)}


def test_a_channel_that_cannot_be_told_has_a_range_a_reason_and_a_way_on_but_no_number(doubtful: MixFit) -> None:
    shown = attribution_view(doubtful, slots=slots_of(doubtful), claimed={"Email": 5000.0})
    line = next(line for line in shown.lines if line.name == "Email")
    assert (line.contribution, line.share, line.roi, line.marginal, line.saturation, line.lag) == ("",) * 6
    assert "–" in line.roi_range
    untold = next(channel for channel in shown.untold if channel.name == "Email")
    assert (untold.reason, bool(untold.would_help)) == ("Its spend never moved.", True)
    assert "Email" not in shown.headline
    chart = roi_chart(doubtful, slots_of(doubtful))
    row = chart.labels.index("Email")
    assert chart.series[0].values[row] is None
    assert chart.series[0].high[row] is not None
    assert "Email" not in [curve.title for curve in response_charts(doubtful, slots_of(doubtful))]
    exported = next(row for row in attribution_tables(doubtful)[0].rows if row[0] == "Email")
    assert [exported[column] for column in (3, 6, 7, 10)] == [None] * 4


def test_where_nothing_can_be_told_the_headline_says_so(fit: MixFit) -> None:
    nothing = replace(fit, channels=tuple(replace(one, grade="cannot_tell") for one in fit.channels))
    shown = attribution_view(nothing, slots={})
    assert "cannot tell yet" in shown.headline
    assert shown.responses == ()
    assert len(shown.waterfall.steps) == 2


def test_the_parts_of_revenue_add_up(fit: MixFit) -> None:
    shown = attribution_view(fit, slots=slots_of(fit))
    *parts, total = shown.waterfall.steps
    assert sum(part.value for part in parts) == pytest.approx(total.value)
    assert len(shown.course.xs) <= 120


def test_curves_are_left_out_where_the_plan_has_none(fit: MixFit) -> None:
    assert attribution_view(fit, slots={}, with_curves=False).responses == ()


def test_a_forecast_says_its_range_its_weeks_and_how_good_such_forecasts_were(results: dict[str, Any]) -> None:
    forecast = Forecast.from_dict(results["forecast"]["forecast"])
    shown = forecast_view(forecast)
    assert "80 % range" in shown.headline.replace("\u00a0", " ")
    assert len(shown.weeks) == 5
    assert len(shown.tries) == 3
    fan = shown.fan.lines[1]
    assert fan.forecast_from == len(shown.fan.xs) - 30
    assert fan.low[fan.forecast_from - 1] is None
    assert sum(step.value for step in shown.parts.steps[:-1]) == pytest.approx(forecast.total, rel=0.005)


def test_a_plan_shows_ranges_limits_and_all_channels(fit: MixFit, results: dict[str, Any]) -> None:
    shown = plan_view(results["budget"], fit, BudgetRequest(max_change=0.3), slots=slots_of(fit))
    assert {line.name for line in shown.lines} == set(fit.names)
    assert "95 % range" in shown.uplift_range
    assert any("by at most 30%" in sentence for sentence in shown.binding)
    assert shown.frontier is not None


@pytest.mark.parametrize(
    ("probability", "said"), [(1.0, "over 99 %"), (0.0, "under 1 %"), (0.5, "50 %"), (0.986, "99 %")]
)
def test_probabilities_never_claim_certainty(probability: float, said: str) -> None:
    assert likelihood(probability).replace("\u00a0", " ") == said


def test_changes_carry_their_sign() -> None:
    assert [signed_amount(value, "USD") for value in (120.0, -120.0, 0.0)] == ["+$120", "−$120", "±$0"]


def test_sliders_say_what_is_wrong_with_a_split(doubtful: MixFit, results: dict[str, Any]) -> None:
    highest = doubtful.channel("Google Search").highest_per_day
    wishes = TryRequest(
        budget=100.0,
        channels={"google_search": Wish(value=2 * highest, high=highest), "email": Wish(value=1.0, low=5.0)},
    )
    reply = try_split(wishes, fit=doubtful, plan=results["budget"]["plan"], channels=CHANNELS, slots={})
    said = " ".join(reply.messages)
    for words in (
        "more than the total budget",
        "that you allow at most",
        "has never spent more than",
        "at least",
        "cannot be told",
    ):
        assert words in said


def test_the_form_remembers_what_was_asked_and_asks_for_nothing_by_itself() -> None:
    asked = BudgetRequest(
        name="Autumn", budget_per_day=200, minimum={"Email": 10}, locked=["Google Search"], max_change=0.2
    )
    form = budget_form(CHANNELS, base="/w/x/budget", run_id="", currency="USD", asked=asked)
    assert form is not None
    assert (form.budget, form.max_change, form.endpoint) == (200, "0.2", "")
    sent = {"budget": str(form.budget), "max_change": form.max_change, "name": form.name}
    for channel in form.channels:
        sent |= {f"low.{channel.key}": str(channel.low), f"high.{channel.key}": str(channel.high)}
        sent |= {f"top.{channel.key}": str(channel.max)} | ({f"lock.{channel.key}": "1"} if channel.is_locked else {})
        assert channel.low <= channel.value <= channel.max
    assert budget_request(sent, CHANNELS) == asked


def test_a_first_plan_starts_from_todays_spend_with_the_advised_step() -> None:
    form = budget_form(CHANNELS, base="/w/x/budget", run_id="", currency="USD", asked=None)
    assert form is not None
    assert (form.budget, form.max_change) == (180, "0.3")
    assert budget_form([], base="/w/x/budget", run_id="", currency="USD", asked=None) is None


def test_every_complaint_about_a_form_names_its_field() -> None:
    with pytest.raises(InvalidInput) as refusal:
        forecast_request({"horizon_days": "3", "spend.email": "many", "usual.email": "30"}, CHANNELS)
    assert [problem.field for problem in refusal.value.errors] == ["horizon_days", "spend.email"]


def test_a_sample_is_read_from_storage_and_kept_in_memory(settings: Settings, results: dict[str, Any]) -> None:
    storage, told = open_storage(settings), list[float]()
    assert read_sample(storage) is None
    build_sample(storage, progress=lambda share, _sentence: told.append(share), days=130)
    sample = read_sample(storage)
    assert sample is not None
    assert told == sorted(told)
    storage.put(KEY, io.BytesIO(b"changed"))
    assert read_sample(storage) is sample
    storage.delete(KEY)
