"""The analyst's page: settings become options, are refused by field, and what they try is nobody else's answer."""

import io
from uuid import UUID

import numpy as np
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from app.mix.model_form import form_values, in_words, model_request
from app.mix.model_options import country_holidays, mix_options
from app.mix.queries import latest_run
from app.mix.running import run_model
from app.mix.schemas import AttributionRequest, Delay, Kind, ModelOptions
from app.mix.service import fit_of, start_run
from kit.db import ScopedSession
from kit.errors import InvalidInput
from kit.settings import Settings
from ml.frames import MarketingFrame
from ml.mix.fit import MixOptions
from tenants.isolation.planes import Planes
from tenants.workspaces.principal import WorkspaceRef
from tests.mix.history import quiet_context, shop_rows, store
from tests.people import Person, make_person

OWN = ModelOptions(
    typical_return=2.0, typical_lag_days=7.0, delay=Delay.LATER, holidays="DE", with_events=False, seed=7
)


def test_a_form_and_its_settings_tell_the_same() -> None:
    asked = AttributionRequest(model=OWN)
    assert model_request(form_values(asked)) == asked
    assert model_request(form_values(None)) == AttributionRequest(model=ModelOptions())


def test_settings_are_told_in_words() -> None:
    assert in_words(AttributionRequest()) == "calibrated settings"
    assert in_words(AttributionRequest(model=OWN)) == (
        "return 2.00×, delay 7 days, strongest later, holidays of DE, without events, seed 7"
    )


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("typical_return", "none"),
        ("typical_return", "0"),
        ("slope", "9"),
        ("half_level", "nan"),
        ("holidays", "Germany"),
        ("until", "yesterday"),
        ("seed", "-1"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_field(field: str, typed: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        model_request(form_values(None) | {field: typed})
    assert [one.field for one in refusal.value.errors] == [field]


def test_settings_move_the_priors_and_nothing_else(frame: MarketingFrame) -> None:
    assert mix_options(ModelOptions(), frame) == MixOptions()
    priors = mix_options(OWN, frame).priors
    assert priors.log_roi_scale[0] == pytest.approx(np.log(2))
    assert priors.log_lag_days == (pytest.approx(np.log(7)), MixOptions().priors.log_lag_days[1])
    assert priors.logit_shape[0] > 0
    assert priors.log_slope == MixOptions().priors.log_slope


def test_holidays_are_those_of_the_country_within_the_history(frame: MarketingFrame) -> None:
    found = country_holidays("DE", frame)
    assert any("Christmas" in event.name for event in found)
    assert all(frame.dates[0] <= np.datetime64(event.on) <= frame.dates[-1] for event in found)
    assert country_holidays("", frame) == ()
    with pytest.raises(InvalidInput, match="not known"):
        country_holidays("ZZ", frame)


def test_what_an_analyst_tries_is_nobody_elses_newest_answer(session: ScopedSession, workspace: WorkspaceRef) -> None:
    store(session, shop_rows(days=150))
    tried = start_run(
        session,
        kind=Kind.ATTRIBUTION,
        request=AttributionRequest(model=ModelOptions(typical_return=4.0, return_spread=0.05)),
        workspace=workspace,
        actor_id=None,
    )
    done = run_model(session, run_id=tried.id, context=quiet_context())
    assert latest_run(session, kind=Kind.ATTRIBUTION) is None
    usual = start_run(session, kind=Kind.ATTRIBUTION, request=AttributionRequest(), workspace=workspace, actor_id=None)
    plain = run_model(session, run_id=usual.id, context=quiet_context())
    assert latest_run(session, kind=Kind.ATTRIBUTION) is plain
    own, calibrated = (np.array([one.roi_mean for one in fit_of(run).channels]) for run in (done, plain))
    assert own.mean() > calibrated.mean()


@pytest.fixture(scope="module")
def analyst(settings: Settings, planes: Planes) -> Person:
    person = make_person(settings, planes, name="Ana Analyst", plan="premium")
    with planes.tenant(person.tenant) as session:
        store(session, shop_rows(days=100))
        session.commit()
    return person


def test_runs_are_compared_and_their_draws_downloaded(
    client: TestClient[Litestar], planes: Planes, analyst: Person
) -> None:
    page = analyst.at("/attribution/model")
    ids = []
    for seed in ("1", "2"):
        started = analyst.request(client, "POST", page, data=form_values(None) | {"seed": seed})
        assert started.status_code == 303, started.text[:400]
        ids.append(started.headers["location"].rsplit("run=", 1)[1])
        with planes.tenant(analyst.tenant) as session:
            run_model(session, run_id=UUID(ids[-1]), context=quiet_context())
            session.commit()
    shown = analyst.request(client, "GET", f"{page}?compare={','.join(ids)}").text
    assert "Side by side" in shown
    assert "seed 1" in shown
    assert "seed 2" in shown
    draws = analyst.request(client, "GET", analyst.at(f"/attribution/{ids[0]}/draws/draws.npz"))
    with np.load(io.BytesIO(draws.content)) as stored:
        assert stored["roi"].shape == (300, len(stored["channels"]))
    lines = analyst.request(client, "GET", analyst.at(f"/attribution/{ids[0]}/draws/draws.csv")).text.splitlines()
    assert lines[0] == "draw,channel,roi,top_per_day,half_per_day,slope"
    assert analyst.request(client, "GET", analyst.at(f"/attribution/{ids[0]}/draws/secrets.txt")).status_code == 404


def test_a_wrong_setting_keeps_what_was_typed(client: TestClient[Litestar], analyst: Person) -> None:
    refused = analyst.request(client, "POST", analyst.at("/attribution/model"), data={"slope": "99", "holidays": "DE"})
    assert refused.status_code == 422
    assert "Enter a number from 0.3 to 5, or leave it empty." in refused.text
    assert 'value="DE"' in refused.text
