"""Organisations, their workspaces, and who may do what in them.

Tables: control.organisations, organisation_members, workspaces, memberships, invitations. Web: /w/{workspace}/settings…;
API: /api/v1/workspaces…. A workspace's data lies in its own schema (`tenants.isolation`); this folder only knows its name.
"""
