"""Saved views: everybody sees them; who made one, or who looks after the workspace, may change it."""

import pytest
from sqlalchemy.orm import Session

from app.campaigns.platform_models import SavedView
from app.campaigns.saved_views import ViewEditor, delete_view, rename_view, save_view, saved_views
from kit.errors import InvalidInput, NotAllowed, NotFound
from kit.ids import new_id

ANNA, BEN = ViewEditor(new_id()), ViewEditor(new_id())
ADMIN = ViewEditor(new_id(), may_manage=True)


def saved(session: Session, name: str, editor: ViewEditor = ANNA, query: str = "status=paused") -> SavedView:
    kept, _ = save_view(session, name=name, query=query, allowed=("status", "sort"), editor=editor)
    session.expire_all()
    return next(view for view in saved_views(session) if view.name == kept)


def test_everybody_sees_a_view_and_only_its_owner_overwrites_it(at: Session) -> None:
    saved(at, "Paused")
    with pytest.raises(InvalidInput, match="another name"):
        saved(at, "Paused", BEN, "status=active")
    assert saved(at, "Paused", ANNA, "status=ended").query == "status=ended"
    assert saved(at, "Paused", ADMIN, "status=active").query == "status=active"
    assert saved(at, "Paused").created_by == ANNA.user_id


def test_only_its_owner_or_who_manages_renames_a_view(at: Session) -> None:
    view = saved(at, "Paused")
    with pytest.raises(NotAllowed, match="Somebody else"):
        rename_view(at, view_id=view.id, name="Mine", editor=BEN)
    assert rename_view(at, view_id=view.id, name=" Stopped  ones ", editor=ANNA) == "Stopped ones"
    assert rename_view(at, view_id=view.id, name="Paused", editor=ADMIN) == "Paused"


def test_a_view_cannot_take_anothers_name_nor_none(at: Session) -> None:
    view, _ = saved(at, "Paused"), saved(at, "Active", BEN)
    for name in ("Active", " ", "x" * 61):
        with pytest.raises(InvalidInput):
            rename_view(at, view_id=view.id, name=name, editor=ANNA)
    assert rename_view(at, view_id=view.id, name="Paused", editor=ANNA) == "Paused"


def test_only_its_owner_or_who_manages_deletes_a_view(at: Session) -> None:
    view, other = saved(at, "Paused"), saved(at, "Active")
    with pytest.raises(NotAllowed):
        delete_view(at, view_id=view.id, editor=BEN)
    delete_view(at, view_id=view.id, editor=ANNA)
    delete_view(at, view_id=other.id, editor=ADMIN)
    assert list(saved_views(at)) == []
    with pytest.raises(NotFound):
        delete_view(at, view_id=view.id, editor=ANNA)
