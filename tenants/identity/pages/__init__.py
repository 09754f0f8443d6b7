"""Pages of identity, one module per errand: signing up, signing in, passwords and addresses, invitations, one's own account."""

from litestar.handlers import BaseRouteHandler

from tenants.identity.pages import account, invitation, mailed_links, sign_in, sign_up

HANDLERS: list[BaseRouteHandler] = [
    *sign_up.HANDLERS,
    *sign_in.HANDLERS,
    *mailed_links.HANDLERS,
    *invitation.HANDLERS,
    *account.HANDLERS,
]
