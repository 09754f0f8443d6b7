"""Simulated businesses keep their promises: the truth written down is the truth, and their tables follow the row rule."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from ml.errors import BadFrame, BadOption
from ml.frames import read_events_csv, read_marketing_csv, read_plan_csv
from ml.mix import fit_mix
from ml.synth import (
    ChannelTruth,
    Market,
    demo_shop,
    import_rows,
    random_business,
    simulate,
    write_events_csv,
    write_import_csv,
    write_plan_csv,
)
from ml.synth.business import Family
from ml.synth.examples import write_examples
from ml.synth.tables import weekly_rows
from tests.ml.businesses import calm_business

END = date(2026, 11, 20)
EXAMPLES = Path(__file__).parents[2] / "examples"


def test_contribution_is_the_true_return_times_spend() -> None:
    run = calm_business()
    assert run.contribution.sum(0) == pytest.approx(run.roi * run.spend.sum(0))
    assert run.spend.mean(0) == pytest.approx([channel.spend_per_day for channel in run.channels], rel=1e-3)


def test_the_same_seed_is_the_same_business() -> None:
    first, second = demo_shop(4, END), demo_shop(4, END)
    assert np.array_equal(first.revenue, second.revenue)
    assert not np.array_equal(first.revenue, demo_shop(5, END).revenue)


@pytest.mark.parametrize("family", ["hill", "delayed", "power"])
def test_any_random_business_can_be_run(family: Family) -> None:
    market, channels = random_business(
        np.random.default_rng(1), channels=5, days=200, start=date(2025, 1, 1), family=family
    )
    run = simulate(seed=1, days=200, channels=channels, start=date(2025, 1, 1), market=market)
    assert np.isfinite(run.revenue).all()
    assert (run.response(run.spend.mean(0)) >= 0).all()


def test_a_late_channel_spends_nothing_before_it_starts() -> None:
    late = ChannelTruth("Video", 50.0, 1.0, starts_after_days=60)
    run = simulate(seed=1, days=120, channels=[late], start=END, market=Market())
    assert run.spend[:60].sum() == 0
    assert run.spend[60:].min() > 0


def test_a_simulation_without_channels_or_days_is_refused() -> None:
    with pytest.raises(BadOption):
        simulate(seed=1, days=5, channels=[], start=END, market=Market())


def test_rows_of_a_day_sum_to_the_revenue_of_the_business(tmp_path: Path) -> None:
    run = demo_shop(1, END, days=200)
    path = tmp_path / "shop.csv"
    write_import_csv(path, import_rows(run))
    frame = read_marketing_csv(path)
    assert frame.revenue == pytest.approx(run.revenue)
    assert frame.spend.sum(0) == pytest.approx(run.spend.sum(0))
    assert "Direct" not in frame.channels


def test_counts_in_the_rows_are_possible() -> None:
    for row in import_rows(demo_shop(1, END, days=60)):
        assert row.impressions >= row.clicks >= 0
        assert row.conversions == row.new_customers + row.returning_customers
        assert row.channel == "Direct" or row.clicks >= row.conversions


def test_weekly_tables_are_recognised_as_weekly(tmp_path: Path) -> None:
    rows = import_rows(demo_shop(1, date(2026, 11, 22), days=210))
    path = tmp_path / "weekly.csv"
    write_import_csv(path, weekly_rows(rows))
    frame = read_marketing_csv(path)
    assert (frame.cadence_days, frame.periods) == (7, 30)
    assert frame.revenue.sum() == pytest.approx(sum(row.revenue for row in rows))


def test_events_and_plans_survive_their_files(tmp_path: Path) -> None:
    run = demo_shop(1, END)
    write_events_csv(tmp_path / "events.csv", run.events)
    assert read_events_csv(tmp_path / "events.csv") == run.events
    plan = {(date(2026, 12, 1), "Email"): 40.0}
    write_plan_csv(tmp_path / "plan.csv", plan)
    assert read_plan_csv(tmp_path / "plan.csv") == plan


def test_the_demo_shop_shows_all_three_grades_and_is_right_about_itself() -> None:
    run = demo_shop(1, END)
    fit = fit_mix(run.frame(), seed=0)
    truth = dict(zip(run.names, run.roi, strict=True))
    assert {channel.grade for channel in fit.channels} == {"reliable", "uncertain", "cannot_tell"}
    for channel in fit.channels:
        if channel.grade == "reliable":
            assert channel.roi_mean == pytest.approx(truth[channel.channel], rel=0.25)
        assert channel.roi_low <= truth[channel.channel] <= channel.roi_high


def test_the_example_files_are_those_that_the_project_writes(tmp_path: Path) -> None:
    write_examples(tmp_path)
    written = sorted(path.name for path in tmp_path.iterdir())
    assert written == sorted(path.name for path in EXAMPLES.glob("*.csv") if path.name in written)
    for name in written:
        fresh, kept = ((folder / name).read_text(encoding="utf-8").splitlines() for folder in (tmp_path, EXAMPLES))
        assert [line.split(",")[:2] for line in fresh] == [line.split(",")[:2] for line in kept]


def test_the_first_import_fits_the_free_plan_and_can_be_fitted() -> None:
    frame = read_marketing_csv(EXAMPLES / "first-import.csv", EXAMPLES / "events.csv")
    assert len((EXAMPLES / "first-import.csv").read_text(encoding="utf-8").splitlines()) <= 501
    assert len(frame.channels) == 4
    assert len(fit_mix(frame).channels) == 4


def test_the_file_with_mistakes_has_three_and_names_the_first() -> None:
    good, bad = (
        (EXAMPLES / name).read_text(encoding="utf-8").splitlines()
        for name in ("first-import.csv", "with-three-bad-rows.csv")
    )
    assert sum(first != second for first, second in zip(good, bad, strict=True)) == 3
    with pytest.raises(BadFrame, match="“2026-13-05” is not a date") as refused:
        read_marketing_csv(EXAMPLES / "with-three-bad-rows.csv")
    assert refused.value.row == 13


def test_the_weekly_example_is_recognised() -> None:
    assert read_marketing_csv(EXAMPLES / "weekly.csv").cadence_days == 7
