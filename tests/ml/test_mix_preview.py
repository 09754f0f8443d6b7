"""A first look has the form of a fit, agrees with it roughly, and never claims to be sure."""

import json

import numpy as np
import pytest

from ml.errors import TooShort
from ml.mix import MixFit, preview_mix
from tests.ml.businesses import calm_business, calm_fit


def test_a_preview_agrees_with_the_full_calculation_where_the_data_decide() -> None:
    preview = preview_mix(calm_business().frame(), seed=1)
    for name in ("Search", "Social"):
        full = calm_fit().channel(name)
        assert preview.channel(name).roi_mean == pytest.approx(full.roi_mean, rel=0.1)
        assert preview.channel(name).roi_low == pytest.approx(full.roi_low, rel=0.15)


def test_a_preview_says_so_and_calls_nothing_reliable() -> None:
    preview = preview_mix(calm_business().frame())
    assert preview.preview
    assert "first look" in preview.warnings[0]
    assert "reliable" not in {channel.grade for channel in preview.channels}
    assert preview.fit.holdout_mape is None
    assert not calm_fit().preview


def test_a_preview_survives_being_stored() -> None:
    stored = json.dumps(preview_mix(calm_business().frame()).to_dict())
    again = MixFit.from_dict(json.loads(stored))
    assert again.preview
    assert json.dumps(again.to_dict()) == stored


def test_a_preview_refuses_what_a_fit_refuses() -> None:
    with pytest.raises(TooShort):
        preview_mix(calm_business().frame().slice(0, 40))


def test_fits_stored_before_there_were_checks_can_still_be_read() -> None:
    document = calm_fit().to_dict()
    del document["checks"], document["preview"]
    again = MixFit.from_dict(document)
    assert again.checks == ()
    assert not again.preview
    assert np.isfinite(again.baseline)


def test_the_same_seed_gives_the_same_preview() -> None:
    first, second = (preview_mix(calm_business().frame(), seed=3) for _ in range(2))
    assert [c.roi_mean for c in first.channels] == [c.roi_mean for c in second.channels]
