"""What a worker can do: importing this module registers every task and who listens to it, and nothing else imports them."""

from app.campaigns import tasks as campaigns_tasks
from app.connections import tasks as connections_tasks
from app.creatives import tasks as creatives_tasks
from app.flows import connect_flows
from app.imports import customer_tasks as imports_customer_tasks
from app.imports import tasks as imports_tasks
from app.mix import tasks as mix_tasks
from app.offers import tasks as offers_tasks
from app.performance import tasks as performance_tasks
from app.predictions import tasks as predictions_tasks
from app.sync import tasks as sync_tasks
from kit.jobs import maintenance
from kit.jobs.resources import Resources
from kit.notify import open_mailer
from kit.settings import Settings
from kit.storage import open_storage
from kit.web.templates import template_environment
from tenants.identity import tasks as identity_tasks
from tenants.workspaces import tasks as workspaces_tasks

TASK_MODULES = (
    campaigns_tasks,
    connections_tasks,
    creatives_tasks,
    identity_tasks,
    imports_customer_tasks,
    imports_tasks,
    mix_tasks,
    performance_tasks,
    offers_tasks,
    predictions_tasks,
    sync_tasks,
    workspaces_tasks,
    maintenance,
)
connect_flows()


def open_resources(settings: Settings) -> Resources:
    """What tasks may use of the outside, on these settings."""
    return Resources(
        settings=settings,
        storage=open_storage(settings),
        mailer=open_mailer(settings),
        templates=template_environment(),
    )
