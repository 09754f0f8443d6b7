"""Who is calling. The types stand with workspaces, which lie below identity; this is the name that the rest of the product uses."""

from tenants.workspaces.principal import NOBODY, Principal, UserRef, WorkspaceRef

__all__ = ["NOBODY", "Principal", "UserRef", "WorkspaceRef"]
