"""Acts on customers: forgetting one."""

from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.audit.service import record
from app.customers.models import Customer, CustomerEvent
from app.customers.queries import customer_by_id
from app.customers.taking import take_turns
from tenants.workspaces.principal import UserRef


def forget_customer(session: Session, *, customer_id: UUID, actor: UserRef) -> None:
    """Remove a customer and everything that was told and predicted of them; the audit log says that it was done, not who it was."""
    take_turns(session)
    customer = customer_by_id(session, customer_id)
    counted = select(func.count()).select_from(CustomerEvent).where(CustomerEvent.customer_id == customer.id)
    events = session.scalar(counted) or 0
    session.execute(delete(Customer).where(Customer.id == customer.id))
    record(
        session,
        actor_id=actor.id,
        actor_name=actor.name,
        action="customer.deleted",
        subject=str(customer_id),
        details={"events": events},
    )
