"""The application on a loopback port, served as in production by uvicorn, and a browser that is signed in to it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep

import uvicorn
from sqlalchemy import text

from app.asgi import create_app
from benchmarks.installation import Installation
from kit.clock import utc_now
from kit.ids import new_id
from kit.web.security import SESSION_COOKIE
from tenants.identity.sessions import open_session
from tenants.isolation.planes import Tenant, open_planes


@contextmanager
def serving(place: Installation) -> Iterator[str]:
    """The address of the application while it is served."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    planes = open_planes(place.settings, application_name="adloom-web")
    config = uvicorn.Config(
        create_app(place.settings, planes=planes), host="127.0.0.1", port=port, log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="web", daemon=True)
    thread.start()
    while not server.started:
        sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)


def signed_in_member(place: Installation, tenant: Tenant) -> dict[str, str]:
    """Cookies of an owner of the workspace."""
    user_id = new_id()
    with place.planes.begin_control() as control:
        control.execute(
            text("INSERT INTO control.users (id, email, name, password_hash) VALUES (:id, :email, 'Benchmark', '-')"),
            {"id": user_id, "email": f"{user_id}@example.org"},
        )
        control.execute(
            text(
                "INSERT INTO control.memberships (workspace_id, user_id, role) VALUES (:workspace_id, :user_id, 'owner')"
            ),
            {"workspace_id": tenant.workspace_id, "user_id": user_id},
        )
        token = open_session(control, user_id=user_id, now=utc_now())
    return {SESSION_COOKIE.spelled(place.settings): token}
