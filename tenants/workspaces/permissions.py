"""The permission matrix as data: what each role may do in a workspace."""

from enum import StrEnum


class Permission(StrEnum):
    """What a route may ask for."""

    READ_DATA = "data.read"
    EXPORT_DATA = "data.export"
    IMPORT_DATA = "data.import"
    RUN_MODELS = "models.run"
    MANAGE_CHANNELS = "channels.manage"
    MANAGE_JOBS = "jobs.manage"
    CHANGE_CAMPAIGNS = "campaigns.change"
    MANAGE_CONNECTIONS = "connections.manage"
    MANAGE_WORKSPACE = "workspace.manage"
    MANAGE_MEMBERS = "members.manage"
    MANAGE_BILLING = "billing.manage"
    DELETE_WORKSPACE = "workspace.delete"


class Role(StrEnum):
    """A member's role, from most to least powerful."""

    OWNER = "owner"
    ADMIN = "admin"
    EDITOR = "editor"
    VIEWER = "viewer"


_VIEWER = frozenset({Permission.READ_DATA, Permission.EXPORT_DATA})
_EDITOR = _VIEWER | {
    Permission.IMPORT_DATA,
    Permission.RUN_MODELS,
    Permission.MANAGE_CHANNELS,
    Permission.MANAGE_JOBS,
    Permission.CHANGE_CAMPAIGNS,
}
_ADMIN = _EDITOR | {
    Permission.MANAGE_CONNECTIONS,
    Permission.MANAGE_WORKSPACE,
    Permission.MANAGE_MEMBERS,
    Permission.MANAGE_BILLING,
}
_OWNER = _ADMIN | {Permission.DELETE_WORKSPACE}

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: _OWNER,
    Role.ADMIN: _ADMIN,
    Role.EDITOR: _EDITOR,
    Role.VIEWER: _VIEWER,
}


def may(role: str, permission: str) -> bool:
    """True where the role includes the permission."""
    return permission in ROLE_PERMISSIONS[Role(role)]
