"""A desk at which customers are told of: files and events in the order in which the edges call the services."""

import io
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from app.customers.models import Customer, CustomerUpload
from app.imports.customer_files import CustomerAnswers, confirm_customers, receive_customers
from app.imports.customer_running import CustomerRun, run_upload
from app.imports.customer_schemas import EventsReply, HappenedToCustomer
from app.imports.customer_telling import tell
from billing.plans import PREMIUM, Plan
from kit.db import ScopedSession
from kit.storage import Storage
from tenants.workspaces.principal import UserRef, WorkspaceRef
from tests.people import Person

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)


class Desk:
    """Tells of customers in one session."""

    def __init__(self, session: ScopedSession, storage: Storage, person: Person) -> None:
        self.session, self.storage = session, storage
        self.user = UserRef(person.user_id, person.email, person.name, is_verified=True)
        self.plan: Plan = PREMIUM
        self.workspace = WorkspaceRef(
            id=person.workspace_id,
            name="Shop",
            organisation_id=person.workspace_id,
            schema_name=person.tenant.schema_name,
            currency="USD",
            timezone="Europe/Berlin",
            role="owner",
            plan_code="premium",
        )

    def receive(self, content: str | bytes, *, filename: str = "orders.csv") -> CustomerUpload:
        raw = content.encode() if isinstance(content, str) else content
        return receive_customers(
            self.session,
            self.storage,
            workspace=self.workspace,
            user=self.user,
            filename=filename,
            stream=io.BytesIO(raw),
        )

    def confirm(self, upload_id: UUID, answers: CustomerAnswers | None = None) -> CustomerUpload:
        return confirm_customers(
            self.session,
            self.storage,
            workspace=self.workspace,
            user=self.user,
            upload_id=upload_id,
            answers=answers,
        )

    def run_of(self) -> CustomerRun:
        return CustomerRun(
            storage=self.storage,
            plan=self.plan,
            currency=self.workspace.currency,
            timezone=self.workspace.timezone,
            now=NOW,
            progress=lambda _share, _sentence: None,
        )

    def run(self, upload_id: UUID) -> CustomerUpload:
        return run_upload(self.session, upload_id=upload_id, run=self.run_of())

    def bring(self, content: str | bytes, answers: CustomerAnswers | None = None, **more: Any) -> CustomerUpload:
        """All the way."""
        item = self.receive(content, **more)
        self.confirm(item.id, answers)
        return self.run(item.id)

    def tell(self, *events: dict[str, Any], source: str = "shop") -> EventsReply:
        """As a program does."""
        told = [HappenedToCustomer(**event) for event in events]
        return tell(self.session, told, source=source, workspace=self.workspace, plan=self.plan)

    def customer(self, external_id: str) -> Customer:
        found = select(Customer).where(Customer.external_id == external_id)
        return self.session.scalars(found.execution_options(populate_existing=True)).one()

    def events(self) -> int:
        return int(self.session.execute(text("SELECT count(*) FROM customer_events")).scalar_one())


def order(customer: str, on: str, value: float, number: str = "", **more: Any) -> dict[str, Any]:
    """An order of a day, in units of money."""
    said = {"customer": customer, "kind": "order", "happened_at": on, "value_micros": round(value * 1e6)}
    return said | ({"order": number} if number else {}) | more
