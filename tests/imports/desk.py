"""A desk to hand files in at: the services in the order in which the edges call them."""

import io
from dataclasses import replace
from datetime import date
from uuid import UUID

from sqlalchemy import text

from app.imports.models import Import
from app.imports.running import RunContext, run_import
from app.imports.schemas import Choices
from app.imports.service import confirm, receive
from billing.plans import PREMIUM, Plan
from kit.db import ScopedSession
from kit.storage import Storage
from tenants.workspaces.principal import UserRef, WorkspaceRef
from tests.people import Person

TODAY = date(2026, 6, 30)
Fact = tuple[str, str, str, float, float | None]


class Desk:
    """Receives, confirms and runs imports in one session."""

    def __init__(self, session: ScopedSession, storage: Storage, person: Person) -> None:
        self.session = session
        self.storage = storage
        self.user = UserRef(person.user_id, person.email, person.name, is_verified=True)
        self.plan: Plan = PREMIUM
        self.workspace = WorkspaceRef(
            id=person.workspace_id,
            name="Shop",
            organisation_id=person.workspace_id,
            schema_name=person.tenant.schema_name,
            currency="USD",
            timezone="UTC",
            role="owner",
            plan_code="premium",
        )
        self.told: list[tuple[float, str]] = []

    def use_currency(self, currency: str) -> None:
        self.workspace = replace(self.workspace, currency=currency)

    def receive(self, content: str | bytes, *, filename: str = "data.csv") -> Import:
        raw = content.encode() if isinstance(content, str) else content
        return receive(
            self.session,
            self.storage,
            workspace=self.workspace,
            user=self.user,
            filename=filename,
            stream=io.BytesIO(raw),
        )

    def confirm(self, import_id: UUID, choices: Choices | None = None) -> Import:
        return confirm(self.session, workspace=self.workspace, user=self.user, import_id=import_id, choices=choices)

    def run(self, import_id: UUID) -> Import:
        context = RunContext(
            storage=self.storage, plan=self.plan, today=TODAY, progress=lambda *told: self.told.append(told)
        )
        return run_import(self.session, import_id=import_id, context=context)

    def bring(self, content: str | bytes, choices: Choices | None = None, *, filename: str = "data.csv") -> Import:
        """All the way."""
        item = self.receive(content, filename=filename)
        self.confirm(item.id, choices)
        return self.run(item.id)

    def facts(self) -> list[Fact]:
        """(day, name in the source, campaign, spend, revenue) in units of money."""
        rows = self.session.execute(
            text(
                "SELECT day, source_name, campaign, spend_micros, revenue_micros FROM daily_facts "
                "ORDER BY day, source_name, campaign"
            )
        )
        return [
            (str(day), name, campaign, spend / 1e6, None if revenue is None else revenue / 1e6)
            for day, name, campaign, spend, revenue in rows
        ]

    def totals(self) -> tuple[float, float]:
        """(spend, revenue) over all channels and days, as the roll-up has them."""
        spend, revenue = self.session.execute(
            text("SELECT coalesce(sum(spend_micros), 0), coalesce(sum(revenue_micros), 0) FROM channel_days")
        ).one()
        return float(spend) / 1e6, float(revenue) / 1e6
