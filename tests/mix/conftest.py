"""A Premium workspace whose changes are taken back after each test, and one fit and forecast that many tests look at."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.mix.running import attribution_result, budget_result
from app.mix.schemas import SEED, BudgetRequest
from kit.db import ScopedSession
from ml.forecast import ForecastOptions, forecast_document, forecast_revenue
from ml.frames import MarketingFrame
from ml.mix.fit import fit_mix
from ml.mix.results import MixFit
from ml.synth import demo_shop
from tenants.isolation.planes import Planes
from tenants.workspaces.principal import WorkspaceRef
from tests.mix.history import yesterday
from tests.people import Person


@pytest.fixture
def session(planes: Planes, premium_owner: Person) -> Iterator[ScopedSession]:
    with planes.tenant(premium_owner.tenant) as session:
        yield session


@pytest.fixture
def workspace(premium_owner: Person) -> WorkspaceRef:
    tenant = premium_owner.tenant
    return WorkspaceRef(
        tenant.workspace_id,
        "Petra's shop",
        premium_owner.workspace_id,
        tenant.schema_name,
        "USD",
        "UTC",
        "owner",
        "premium",
    )


@pytest.fixture(scope="session")
def frame() -> MarketingFrame:
    return demo_shop(seed=3, end_on=yesterday(), days=420).frame()


@pytest.fixture(scope="session")
def fit(frame: MarketingFrame) -> MixFit:
    return fit_mix(frame, seed=SEED)


@pytest.fixture(scope="session")
def results(frame: MarketingFrame, fit: MixFit) -> dict[str, Any]:
    """One stored result of each kind."""
    forecast = forecast_revenue(
        frame.slice(-200), horizon_days=30, seed=SEED, options=ForecastOptions(model="structural", origins=3)
    )
    return {
        "attribution": attribution_result(fit),
        "budget": budget_result(fit, BudgetRequest(max_change=0.3)),
        "forecast": {"forecast": forecast.to_dict(), "document": forecast_document(forecast)},
    }
