"""The list of connectors: written by workers, read by pages; whoever runs the installation sees what does not work, and what ends soon."""

import logging
from datetime import date, timedelta

import pytest

from app.cli import processes
from app.connections.catalogue import catalogue, manifest_of, publish
from app.connections.control_models import InstalledConnector
from app.connections.presenting import plugin_line, sunset_warning
from app.plugins import Plugins, PluginStatus, load_plugins
from kit.db import ScopedSession
from kit.errors import NotFound
from tenants.isolation.planes import Planes

BROKEN = PluginStatus("billboards", "adloom-billboards", "0.1", "broken", "It fails with ImportError: no paint")


def test_what_is_found_is_written_down_and_what_is_gone_goes(control: ScopedSession) -> None:
    found = load_plugins()
    for _ in range(2):
        publish(control, Plugins((*found.statuses, BROKEN), found.connectors))
    listed = catalogue(control)
    assert [entry.name for entry in listed if entry.state == "broken"] == ["billboards"]
    assert len(listed) == len(found.statuses) + 1
    assert manifest_of(control, "meta_ads") == found.named("meta_ads").manifest
    publish(control, found)
    assert "billboards" not in [entry.name for entry in catalogue(control)]


def test_a_connector_that_does_not_work_says_why_and_cannot_be_connected(control: ScopedSession) -> None:
    publish(control, Plugins((BROKEN,)))
    (entry,) = catalogue(control)
    line = plugin_line(entry, today=date(2026, 11, 21))
    assert (line.label, line.reason, line.sunset) == ("Broken", BROKEN.reason, "")
    with pytest.raises(NotFound, match="billboards"):
        manifest_of(control, "billboards")


def test_a_package_that_wants_anothers_name_is_listed_beside_it(control: ScopedSession) -> None:
    found = load_plugins()
    thief = PluginStatus("meta_ads", "adloom-thief", "1.0", "broken", "Another plugin provides meta_ads already.")
    publish(control, Plugins((*found.statuses, thief), found.connectors))
    listed = {entry.distribution: entry for entry in catalogue(control)}
    assert (listed["adloom-meta-ads"].state, listed["adloom-thief"].state) == ("working", "broken")
    assert manifest_of(control, "meta_ads") == found.named("meta_ads").manifest


def test_a_manifest_of_another_release_is_shown_as_broken_until_a_worker_has_looked_again(
    control: ScopedSession,
) -> None:
    publish(control, load_plugins())
    row = control.get_one(InstalledConnector, "meta_ads")
    row.manifest = {"key": "meta_ads", "from_the_future": True}
    control.flush()
    entry = next(one for one in catalogue(control) if one.name == "meta_ads")
    assert (entry.state, entry.manifest) == ("broken", None)
    assert "restart the workers" in entry.reason


@pytest.mark.parametrize(
    ("left_days", "says"),
    [(61, ""), (60, "in 60 days. Update the connector before."), (1, "in 1 day."), (-1, "was to switch")],
)
def test_the_end_of_a_version_is_announced_sixty_days_before(left_days: int, says: str) -> None:
    manifest = load_plugins().named("meta_ads").manifest
    assert manifest.sunset_on is not None
    warning = sunset_warning(manifest, today=manifest.sunset_on - timedelta(days=left_days))
    assert says in warning
    assert bool(warning) == bool(says)


def test_a_list_that_cannot_be_written_does_not_stop_a_worker(
    planes: Planes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise OSError("the database is away")

    monkeypatch.setattr("app.connections.catalogue.publish", fail)
    with caplog.at_level(logging.ERROR):
        processes._publish_connectors(planes)
    assert "the pages show the one before" in caplog.text
