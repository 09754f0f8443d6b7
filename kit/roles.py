"""Names of the database roles, derived from the database's name because roles are shared by a whole PostgreSQL cluster."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DatabaseRoles:
    """The three roles that every Adloom database has beside its tenants' own.

    `login` is the only one that signs in: NOINHERIT and without grants, it can merely become one of the others.
    `control` may use the control plane's tables. `tenant_base` holds what every tenant role may do outside its own
    schema: call a few functions of the control plane, such as `control.enqueue_job`.
    """

    login: str
    control: str
    tenant_base: str

    @classmethod
    def of(cls, database_name: str) -> "DatabaseRoles":
        """The roles of the database with this name."""
        return cls(f"{database_name}_login", f"{database_name}_control", f"{database_name}_tenant")
