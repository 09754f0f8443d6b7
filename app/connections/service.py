"""Connections as people handle them: made, signed in to, their accounts chosen, paused, removed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from adloom_sdk.credentials import Token
from adloom_sdk.manifest import ApiKey, Manifest
from adloom_sdk.records import Account
from app.audit.service import record
from app.connections.models import AdAccount, Connection
from app.connections.secrets import forget_secrets, store_settings, store_token
from billing.entitlements import require_room
from billing.plans import Entitlement, Plan
from kit.errors import Conflict, FieldError, InvalidInput, NotFound
from kit.vault import Vault
from tenants.workspaces.principal import UserRef


def connection_by_id(session: Session, connection_id: UUID) -> Connection:
    """The connection. Raises NotFound."""
    found = session.get(Connection, connection_id)
    if found is None:
        raise NotFound("This connection does not exist.", "It may have been removed; look under Connections.")
    return found


def account_by_id(session: Session, account_id: UUID) -> AdAccount:
    """The account. Raises NotFound."""
    found = session.get(AdAccount, account_id)
    if found is None:
        raise NotFound("This account does not exist.", "It may have been removed; look under Connections.")
    return found


def create_connection(
    session: Session, *, manifest: Manifest, config: Mapping[str, str], label: str, plan: Plan, actor: UserRef
) -> Connection:
    """A connection that nobody has signed in to yet. Refuses what the plan has no room for, and settings that cannot be."""
    used = session.scalar(select(func.count()).select_from(Connection).where(Connection.state != "removing")) or 0
    require_room(plan, Entitlement.CONNECTIONS, used=used)
    made = Connection(
        connector_key=manifest.key,
        label=label.strip() or manifest.title,
        state="connecting",
        config=checked_config(manifest, config).plain,
        connected_by=actor.id,
    )
    session.add(made)
    session.flush()
    record(session, actor_id=actor.id, actor_name=actor.name, action="connection.created", subject=made.label)
    return made


@dataclass(frozen=True)
class CheckedConfig:
    """A connection's settings: those that anybody may see, and those that are kept under lock."""

    plain: dict[str, str]
    secret: dict[str, str] = dataclass_field(repr=False)


def checked_config(manifest: Manifest, config: Mapping[str, str]) -> CheckedConfig:
    """The connection's settings as its connector asks for them. Raises InvalidInput, field by field."""
    kept, problems = CheckedConfig({}, {}), []
    for field in manifest.config:
        value = config.get(field.name, "").strip()
        if not value and field.is_required:
            problems.append(FieldError(f"Enter {field.label.lower()}.", field=field.name))
        elif value and field.pattern and not re.fullmatch(field.pattern, value):
            problems.append(FieldError(field.help or f"{field.label} cannot look like this.", field=field.name))
        elif value:
            (kept.secret if field.is_secret else kept.plain)[field.name] = value
    if problems:
        raise InvalidInput("Some settings need a correction.", errors=problems)
    return kept


def store_config_secrets(
    session: Session, vault: Vault, *, connection: Connection, manifest: Manifest, config: Mapping[str, str]
) -> None:
    """Keep the settings that the connector calls secret, sealed."""
    if secret := checked_config(manifest, config).secret:
        store_settings(session, vault, connection_id=connection.id, values=secret)


def store_key(session: Session, vault: Vault, *, connection: Connection, manifest: Manifest, key: str) -> None:
    """Keep the key that a person has pasted, sealed."""
    if not isinstance(manifest.auth, ApiKey) or not key.strip():
        raise InvalidInput("Enter the key.", errors=[FieldError("Enter the key.", field="key")])
    store_token(session, vault, connection_id=connection.id, token=Token(access_token=key.strip()))


def keep_accounts(session: Session, *, connection: Connection, accounts: Iterable[Account]) -> list[AdAccount]:
    """What the sign-in reaches now. Accounts that it no longer reaches stay with their data, with a sentence that says so."""
    seen = []
    for account in accounts:
        values = {
            "name": account.name,
            "currency": account.currency,
            "timezone": account.timezone,
            "status": account.status.value,
            "parent_platform_id": account.parent_id,
            "may_write": account.can_write,
            "problem": account.problem,
        }
        key = {"connection_id": connection.id, "connector_key": connection.connector_key, "platform_id": account.id}
        row = session.scalar(
            select(AdAccount).where(AdAccount.connection_id == connection.id, AdAccount.platform_id == account.id)
        )
        if row is None:
            row = AdAccount(**key, **values)
            session.add(row)
        for name, value in values.items():
            setattr(row, name, value)
        seen.append(row)
    session.flush()
    _mark_unreached(session, connection, {row.id for row in seen})
    return seen


def choose_accounts(session: Session, *, connection: Connection, chosen: set[UUID], actor: UserRef) -> list[AdAccount]:
    """Read these accounts and no others; gives those that are newly chosen. What was read of the others stays."""
    new = []
    for row in accounts_of(session, connection.id):
        is_wanted = row.id in chosen and (row.is_selected or not row.problem)
        if is_wanted and not row.is_selected:
            new.append(row)
        row.is_selected = is_wanted
    names = ", ".join(row.name for row in accounts_of(session, connection.id) if row.is_selected)
    details = {"accounts": names}
    record(
        session,
        actor_id=actor.id,
        actor_name=actor.name,
        action="connection.accounts",
        subject=connection.label,
        details=details,
    )
    session.flush()
    return new


def accounts_of(session: Session, connection_id: UUID) -> list[AdAccount]:
    """The connection's accounts by name."""
    asked = (
        select(AdAccount)
        .where(AdAccount.connection_id == connection_id)
        .order_by(AdAccount.name, AdAccount.platform_id)
    )
    return list(session.scalars(asked))


def list_connections(session: Session) -> list[Connection]:
    """Every connection by name."""
    return list(session.scalars(select(Connection).order_by(Connection.label, Connection.created_at)))


def all_accounts(session: Session) -> dict[UUID, list[AdAccount]]:
    """Every connection's accounts, by connection."""
    found: dict[UUID, list[AdAccount]] = {}
    for row in session.scalars(select(AdAccount).order_by(AdAccount.name, AdAccount.platform_id)):
        found.setdefault(row.connection_id, []).append(row)
    return found


def require_standing(connection: Connection) -> None:
    """Raises Conflict for a connection that is on its way out."""
    if connection.state == "removing":
        raise Conflict("This connection is being removed.", "Connect the platform again once it is gone.")


def begin_removal(session: Session, *, connection: Connection, actor: UserRef) -> None:
    """Forget the sign-in at once; what was read through it goes with a job. Doing it twice changes nothing more."""
    if connection.state == "removing":
        return
    connection.state, connection.signed_in_as, connection.may_write = "removing", "", False
    connection.problem_code = connection.problem = connection.what_to_do = ""
    forget_secrets(session, connection_id=connection.id)
    record(session, actor_id=actor.id, actor_name=actor.name, action="connection.removed", subject=connection.label)


def drop_connection(session: Session, *, connection: Connection) -> None:
    """The connection and its accounts, campaigns and ads; their days have gone before."""
    session.execute(delete(Connection).where(Connection.id == connection.id))


def checked_choice(session: Session, *, connection: Connection, wanted: Iterable[UUID]) -> set[UUID]:
    """Accounts to read, as a program names them. Raises InvalidInput for those that this sign-in does not reach or cannot read."""
    known = {row.id: row for row in accounts_of(session, connection.id)}
    problems = []
    for account_id in dict.fromkeys(wanted):
        row = known.get(account_id)
        if row is None:
            problems.append(FieldError("This connection has no such account.", "account_ids", value=str(account_id)))
        elif row.problem and not row.is_selected:
            problems.append(FieldError(f"{row.name}: {row.problem}", "account_ids", value=str(account_id)))
    if problems:
        raise InvalidInput("Some accounts cannot be read.", problems[0].message, problems)
    return set(wanted)


def _mark_unreached(session: Session, connection: Connection, reached: set[UUID]) -> None:
    for row in accounts_of(session, connection.id):
        if row.id not in reached:
            row.problem_code = "NotReached"
            row.problem = "The sign-in no longer reaches this account. What was read of it stays."
