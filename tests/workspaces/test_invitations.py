"""Invitations: for one address, for a week, good once, and renewed rather than doubled."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, select

from kit.db import ScopedSession
from kit.errors import Conflict, InvalidInput, NotAllowed, NotFound
from kit.jobs import JobContext
from kit.jobs.resources import Resources
from kit.notify import Mail
from kit.settings import Settings
from kit.storage import open_storage
from kit.web.templates import template_environment
from tenants.identity.errors import AddressTaken, WeakPassword
from tenants.identity.models import User
from tenants.identity.service import register_invited
from tenants.isolation.planes import Planes
from tenants.workspaces import tasks
from tenants.workspaces.jobs import PurgeInvitations, SendInvitation
from tenants.workspaces.models import Invitation, Membership, Organisation, OrganisationMember, Workspace
from tenants.workspaces.queries import invitation_by_id, invitation_by_token, open_invitations
from tenants.workspaces.service import (
    INVITATION_VALID,
    accept_invitation,
    delete_workspace,
    invite,
    resend_invitation,
)
from tests.workspaces.conftest import NOON, Shop

PASSWORD = "seven quiet lamps drift"


class Outbox:
    """Takes mails and keeps them; `on_arrival` is what whoever gets one does at once."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.on_arrival: Callable[[Mail], None] = lambda _mail: None

    def send(self, mail: Mail, *, idempotency_key: str) -> str:
        self.mails.append(mail)
        self.on_arrival(mail)
        return f"<{idempotency_key}@example.org>"


class Post:
    """Invites people to the shop, and delivers the mail."""

    def __init__(self, control: ScopedSession, settings: Settings, shop: Shop) -> None:
        self.control, self.shop, self.outbox = control, shop, Outbox()
        resources = Resources(settings, open_storage(settings), self.outbox, template_environment())
        self.context = JobContext(uuid4(), None, 1, control, resources, lambda _share, _sentence: False)

    def invite(self, email: str, role: str = "editor", *, as_: str = "owner") -> Invitation:
        return invite(
            self.control,
            workspace_id=self.shop.id,
            email=email,
            role=role,
            actor_id=self.shop.people[as_].id,
            actor_role=as_,
            now=NOON,
        )

    def deliver(self, invitation: Invitation) -> str:
        """The token of the mailed link; a job begins once what asked for it is kept."""
        self.control.commit()
        tasks.send_invitation(self.context, SendInvitation(invitation_id=invitation.id))
        return _token_in(self.outbox.mails[-1])

    def accept(self, token: str, user: User, *, after: timedelta = timedelta()) -> None:
        accept_invitation(self.control, token=token, user_id=user.id, user_email=user.email, now=NOON + after)


@pytest.fixture
def post(control: ScopedSession, settings: Settings, shop: Shop) -> Iterator[Post]:
    """What it delivers is kept, for links are kept in a transaction of their own; the shop goes again at the end."""
    yield Post(control, settings, shop)
    control.rollback()
    for model, id_ in ((Workspace, shop.id), (Organisation, shop.workspace.organisation_id)):
        control.execute(delete(model).where(model.id == id_))
    control.commit()


@pytest.fixture
def ben(make_user: Callable[[str], User]) -> User:
    return make_user("ben")


def _token_in(mail: Mail) -> str:
    found = re.search(r"/invitations/(\S+)", mail.text)
    assert found
    return found[1]


def _role(control: ScopedSession, shop: Shop, user: User) -> str | None:
    found = control.get(Membership, (shop.id, user.id))
    return found.role if found else None


def test_the_mailed_link_lets_the_invited_person_in_once(
    control: ScopedSession, post: Post, shop: Shop, ben: User
) -> None:
    token = post.deliver(post.invite(ben.email.upper()))
    assert "owner invites you" in post.outbox.mails[0].text
    post.accept(token, ben)
    assert _role(control, shop, ben) == "editor"
    with pytest.raises(NotFound):
        post.accept(token, ben)


def test_a_link_works_from_the_moment_that_its_mail_leaves(
    planes: Planes, control: ScopedSession, post: Post, shop: Shop, ben: User
) -> None:
    read_at_once: list[str] = []

    def open_at_once(mail: Mail) -> None:
        token = _token_in(mail)
        with planes.control() as browser:
            read_at_once.append(invitation_by_token(browser, token=token, now=NOON).email)

    post.outbox.on_arrival = open_at_once
    post.deliver(post.invite(ben.email))
    assert read_at_once == [ben.email]


def test_an_invitation_is_for_one_address(post: Post, ben: User) -> None:
    token = post.deliver(post.invite("somebody-else@example.org"))
    with pytest.raises(NotAllowed, match="somebody-else"):
        post.accept(token, ben)


def test_an_invitation_lasts_a_week(post: Post, ben: User) -> None:
    token = post.deliver(post.invite(ben.email))
    with pytest.raises(NotFound):
        post.accept(token, ben, after=INVITATION_VALID)


def test_inviting_again_renews_the_one_invitation(control: ScopedSession, post: Post, shop: Shop, ben: User) -> None:
    older = post.deliver(post.invite(ben.email, "viewer"))
    newer = post.deliver(post.invite(ben.email.upper(), "editor"))
    assert len(open_invitations(control, workspace_id=shop.id, now=NOON)) == 1
    with pytest.raises(NotFound):
        post.accept(older, ben)
    post.accept(newer, ben)
    assert _role(control, shop, ben) == "editor"


def test_sending_again_gives_a_fresh_week_and_a_fresh_link(control: ScopedSession, post: Post, ben: User) -> None:
    invitation = post.invite(ben.email)
    older = post.deliver(invitation)
    resend_invitation(control, invitation, now=NOON + timedelta(days=6))
    newer = post.deliver(invitation)
    with pytest.raises(NotFound):
        post.accept(older, ben)
    post.accept(newer, ben, after=timedelta(days=12))


def test_a_member_is_not_invited_again(post: Post, shop: Shop) -> None:
    with pytest.raises(Conflict, match="already"):
        post.invite(shop.people["viewer"].email.upper())


def test_only_owners_invite_owners_or_touch_such_an_invitation(post: Post, ben: User) -> None:
    with pytest.raises(NotAllowed):
        post.invite(ben.email, "owner", as_="admin")
    post.invite(ben.email, "owner", as_="owner")
    with pytest.raises(NotAllowed):
        post.invite(ben.email, "viewer", as_="admin")


@pytest.mark.parametrize(("email", "role"), [("ben at example", "viewer"), ("ben@example.org", "emperor")])
def test_what_cannot_be_invited_is_refused(post: Post, email: str, role: str) -> None:
    with pytest.raises(InvalidInput):
        post.invite(email, role)


def test_accepting_does_not_change_the_role_of_a_member(
    control: ScopedSession, post: Post, shop: Shop, ben: User
) -> None:
    token = post.deliver(post.invite(ben.email, "viewer"))
    control.add(Membership(workspace_id=shop.id, user_id=ben.id, role="admin"))
    control.flush()
    post.accept(token, ben)
    assert _role(control, shop, ben) == "admin"


def test_somebody_without_an_account_joins_with_a_new_one_and_needs_no_verification(
    control: ScopedSession, post: Post, shop: Shop
) -> None:
    token = post.deliver(post.invite("new-here@example.org", "viewer"))
    with pytest.raises(WeakPassword):
        register_invited(control, token=token, name="Nora", password="password12", now=NOON)
    made = register_invited(control, token=token, name="Nora", password=PASSWORD, now=NOON)
    assert made.user.email == "new-here@example.org"
    assert made.user.email_verified_at == NOON
    assert made.workspace.id == shop.id
    assert _role(control, shop, made.user) == "viewer"
    owned = control.scalars(select(OrganisationMember).where(OrganisationMember.user_id == made.user.id)).all()
    assert owned == []


def test_an_invitation_does_not_replace_an_account(control: ScopedSession, post: Post, ben: User) -> None:
    token = post.deliver(post.invite(ben.email))
    with pytest.raises(AddressTaken):
        register_invited(control, token=token, name="Not Ben", password=PASSWORD, now=NOON)


def test_a_deleted_workspace_takes_nobody_in_and_mails_nobody(
    control: ScopedSession, post: Post, shop: Shop, ben: User
) -> None:
    invitation = post.invite(ben.email)
    token = post.deliver(invitation)
    delete_workspace(control, workspace_id=shop.id, typed_name="Shop")
    control.flush()
    with pytest.raises(NotFound):
        post.accept(token, ben)
    tasks.send_invitation(post.context, SendInvitation(invitation_id=invitation.id))
    assert len(post.outbox.mails) == 1


def test_another_workspaces_invitation_is_not_found(control: ScopedSession, post: Post, ben: User) -> None:
    invitation = post.invite(ben.email)
    with pytest.raises(NotFound):
        invitation_by_id(control, workspace_id=uuid4(), invitation_id=invitation.id)


def test_old_invitations_are_cleared_away(control: ScopedSession, post: Post, shop: Shop, ben: User) -> None:
    invitation = post.invite(ben.email)
    invitation.expires_at = NOON - timedelta(days=900)
    control.flush()
    tasks.purge_invitations(post.context, PurgeInvitations())
    control.expire_all()
    assert control.scalars(select(Invitation).where(Invitation.workspace_id == shop.id)).all() == []
