"""The parts of an installation on one machine, as data: what each runs, in which order, with which settings."""

import json
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

from adloom_sdk.hooks import ENTRY_POINT_GROUP
from kit.stack.parts import Part

# Each group of queues has a process of its own, so that a long model run delays no mail.
WORKERS = {"worker-io": "io", "worker-model": "model"}
# What these commands write to their log once they work.
READY_WORDS = {"worker": "Worker for", "dispatcher": "Dispatcher ready", "scheduler": "Scheduler ready"}
_FIRST_START_S = 600
_QUICK_GRACE_S = 6


@dataclass(frozen=True)
class SandboxPlace:
    """Where the sandbox listens and keeps its things."""

    port: int
    smtp_port: int
    data_dir: Path

    @property
    def url(self) -> str:
        """Its pages."""
        return f"http://127.0.0.1:{self.port}"


def upgrade(env: Mapping[str, str]) -> Part:
    """Brings the database to this version; the others start after it."""
    return Part("database", adloom("db", "upgrade"), env, once=True, ready_timeout_s=_FIRST_START_S)


def sandbox(place: SandboxPlace, env: Mapping[str, str]) -> Part:
    """The outside world of the demo."""
    argv = [sys.executable, "-m", "sandbox", "--port", str(place.port), "--smtp-port", str(place.smtp_port)]
    argv += ["--data-dir", str(place.data_dir)]
    return Part("sandbox", argv, env, is_ready=answers(f"{place.url}/health"))


def played_platforms(place: SandboxPlace) -> dict[str, str]:
    """Settings by which connectors talk to the sandbox, with the app that every platform knows there. No plugin is loaded for it."""
    app = {
        "client_id": "sandbox-app",
        "client_secret": "sandbox-canary-app",
        "developer_token": "sandbox-canary-developer",
        "consumer_key": "sandbox-app",
        "consumer_secret": "sandbox-canary-app",
    }
    keys = sorted({entry_point.name for entry_point in entry_points(group=ENTRY_POINT_GROUP)})
    return {
        "CONNECTORS_BASE_URL": f"{place.url}/hosts/{{host}}",
        "CONNECTOR_APPS": json.dumps(dict.fromkeys(keys, app)),
    }


def web(address: str, env: Mapping[str, str]) -> Part:
    """Pages and API."""
    return Part("web", adloom("web"), env, is_ready=answers(f"{address}/health/ready"), ready_timeout_s=120)


def background(env: Mapping[str, str], *, grace_s: float) -> list[Part]:
    """What works behind the pages. A worker that is told to stop has `grace_s` to finish its job; else it is run again."""
    workers = [_behind(name, ["worker", "--queues", queues], env, grace_s) for name, queues in WORKERS.items()]
    others = [_behind(name, [name], env, _QUICK_GRACE_S) for name in ("dispatcher", "scheduler")]
    return [*workers, *others]


def _behind(name: str, command: list[str], env: Mapping[str, str], grace_s: float) -> Part:
    return Part(name, adloom(*command), env, ready_word=READY_WORDS[command[0]], stop_timeout_s=grace_s)


def sample_data(password: str, env: Mapping[str, str]) -> Part:
    """Fills the demo workspace while people already look around; a second run changes nothing."""
    return Part(
        "demo-data",
        adloom("demo-data"),
        {**env, "ADLOOM_DEMO_PASSWORD": password},
        once=True,
        background=True,
        ready_timeout_s=_FIRST_START_S,
    )


def adloom(*arguments: str) -> list[str]:
    """A command of ours, by the interpreter that runs now."""
    return [sys.executable, "-m", "app.cli", *arguments]


def answers(url: str) -> Callable[[], bool]:
    """True once this address answers 200. A proxy of the machine is never asked for a loopback address."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def probe() -> bool:
        try:
            with opener.open(url, timeout=2) as reply:
                return bool(reply.status == 200)
        except (urllib.error.URLError, OSError, ValueError):
            return False

    return probe
