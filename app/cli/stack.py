"""`adloom demo`, `up`, `status` and `stop`: the whole installation on one machine under one supervisor."""

import json
import signal
import sys
from dataclasses import asdict, dataclass

import click
from pydantic import SecretStr

from app.cli import COMMANDS, parts
from app.cli.safety import refuse_unsafe
from kit.settings import Settings
from kit.stack.errors import AlreadyRunning, PlatformNotSupported, PortTaken
from kit.stack.files import DataDirectory, is_free
from kit.stack.postgres import EmbeddedPostgres
from kit.stack.processes import stop_leftovers
from kit.stack.state import StackReport, look
from kit.stack.supervisor import StopRequested, Supervisor
from kit.stack.valkey import EmbeddedValkey

DEMO_EMAIL = "demo@adloom.example"
# A person who pressed Ctrl-C waits; a service that is stopped lets running jobs come to their end.
_DEMO_GRACE_S = 7
_SERVICE_GRACE_S = 32
_STOP_TIMEOUT_S = 60
_BACKGROUND_WAIT_S = 8


@dataclass
class _Installation:
    """What one start knows: settings, the directory, and the environment that grows as parts come up."""

    settings: Settings
    directory: DataDirectory
    supervisor: Supervisor
    env: dict[str, str]

    @property
    def address(self) -> str:
        host = self.settings.adloom_host
        return f"http://{'127.0.0.1' if host in {'0.0.0.0', '::'} else host}:{self.env['ADLOOM_PORT']}"  # noqa: S104 compared, not bound


@click.command()
def demo() -> None:
    """Start everything with sample data and a sandbox; Ctrl-C stops it."""
    _run(is_demo=True)


@click.command()
def up() -> None:
    """Start everything for real use; DATABASE_URL and REDIS_URL replace the embedded servers."""
    _run(is_demo=False)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def status(as_json: bool) -> None:
    """Show what runs; exit code 1 where something does not."""
    report = look(DataDirectory(Settings().adloom_data_dir))
    if as_json:
        click.echo(json.dumps(asdict(report), indent=2))
    elif report.is_running:
        click.echo(f"Adloom runs at {report.address or 'an address that it has not yet chosen'}.")
        for part in report.parts:
            click.echo(part.line())
    else:
        click.echo("Adloom is not running. Start it with `make demo` or `adloom up`.")
    sys.exit(0 if _is_healthy(report) else 1)


@click.command()
def stop() -> None:
    """Stop the supervisor of this data directory and everything that it runs."""
    report = look(DataDirectory(Settings().adloom_data_dir))
    if not report.is_running or report.supervisor is None:
        click.echo("Adloom is not running.")
        return
    stop_leftovers([(report.supervisor, signal.SIGTERM)], timeout_s=_STOP_TIMEOUT_S)
    click.echo("Adloom has stopped.")


def _is_healthy(report: StackReport) -> bool:
    return report.is_running and all(part.state in {"ready", "done", "starting"} for part in report.parts)


def _run(*, is_demo: bool) -> None:
    if sys.platform == "win32":
        raise PlatformNotSupported(
            "Adloom's embedded servers run on Linux and macOS.", "On Windows, start it inside WSL 2."
        )
    settings = Settings()
    directory = DataDirectory(settings.adloom_data_dir)
    env = _first_env(settings, directory)
    if key := env.get("ADLOOM_SECRET_KEY"):
        settings = settings.model_copy(update={"adloom_secret_key": SecretStr(key)})
    refuse_unsafe(settings)
    try:
        with Supervisor(directory, say=_say) as supervisor:
            _start(_Installation(settings, directory, supervisor, env), is_demo=is_demo)
            supervisor.watch()
    except StopRequested:
        _say("Stopped before everything was up.")
    except AlreadyRunning as running:
        _say(f"{running.detail} {running.hint}")


def _start(installation: _Installation, *, is_demo: bool) -> None:
    env, supervisor = installation.env, installation.supervisor
    env["ADLOOM_PORT"] = str(_web_port(installation.settings, may_move=is_demo))
    _start_servers(installation)
    place = _sandbox_place(installation) if is_demo else None
    supervisor.announce(installation.address, env)
    # The pages come first; what works behind them follows, all at once.
    supervisor.start([parts.upgrade(env), parts.web(installation.address, env)])
    behind = parts.background(env, grace_s=_DEMO_GRACE_S if is_demo else _SERVICE_GRACE_S)
    supervisor.start_together([*([parts.sandbox(place, env)] if place else []), *behind], wait_s=_BACKGROUND_WAIT_S)
    _say(f"\nAdloom is ready:  {installation.address}")
    if place:
        _start_sample_data(installation, place)
    _say("Stop with Ctrl-C.\n")


def _first_env(settings: Settings, directory: DataDirectory) -> dict[str, str]:
    """The environment of every part: what is set stays, the rest is filled in."""
    env = {
        "ADLOOM_DATA_DIR": str(directory.root),
        "PYTHONUNBUFFERED": "1",
        # glibc keeps an arena per thread otherwise, which costs some 20 MB in each process.
        "MALLOC_ARENA_MAX": "2",
    }
    # The numeric libraries must not start a thread per core in each of several processes.
    env |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    if not settings.adloom_secret_key.get_secret_value():
        directory.make()
        env["ADLOOM_SECRET_KEY"] = directory.secret("secret_key")
    return env


def _start_servers(installation: _Installation) -> None:
    settings, supervisor, env = installation.settings, installation.supervisor, installation.env
    if not settings.redis_url.get_secret_value():
        valkey = EmbeddedValkey(installation.directory)
        supervisor.start_server(valkey)
        env["REDIS_URL"] = valkey.url
    if not settings.database_url.get_secret_value():
        postgres = EmbeddedPostgres(installation.directory)
        supervisor.start_server(postgres)
        postgres.make_database()
        env["DATABASE_URL"] = postgres.url


def _sandbox_place(installation: _Installation) -> parts.SandboxPlace:
    """Choose its ports, and let mail go there where no mail server is set."""
    directory, env = installation.directory, installation.env
    place = parts.SandboxPlace(directory.port("sandbox"), directory.port("sandbox-smtp"), directory.root / "sandbox")
    env["ADLOOM_SANDBOX_URL"] = place.url
    if not installation.settings.smtp_host:
        env |= {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(place.smtp_port), "SMTP_TLS": "none"}
    if not installation.settings.connectors_base_url and not installation.settings.connector_apps.get_secret_value():
        env |= parts.played_platforms(place)
    return place


def _start_sample_data(installation: _Installation, place: parts.SandboxPlace) -> None:
    password = installation.directory.secret("demo_password", size_bytes=6)
    _say(f"Sandbox:          {place.url}  (mail that Adloom sends arrives here)")
    if "demo-data" in COMMANDS:
        _say(f"Sign in with:     {DEMO_EMAIL}  /  {password}")
        installation.supervisor.start([parts.sample_data(password, installation.env)])


def _web_port(settings: Settings, *, may_move: bool) -> int:
    wanted = settings.adloom_port
    if is_free(wanted, settings.adloom_host):
        return wanted
    if not may_move:
        raise PortTaken(f"Port {wanted} is taken by another program.", "Set ADLOOM_PORT to a free one.")
    for port in range(wanted + 1, min(wanted + 200, 65_536)):
        if is_free(port, settings.adloom_host):
            _say(f"Port {wanted} is taken by another program; using {port}.")
            return port
    raise PortTaken(f"No port from {wanted} to {wanted + 199} is free.", "Set ADLOOM_PORT to a free one.")


def _say(line: str) -> None:
    click.echo(line)
