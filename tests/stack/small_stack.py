"""A stack for tests: `python -m tests.stack.small_stack FOLDER KIND…` supervises small programs, as `adloom up` does the real ones."""

import sys
from pathlib import Path

from kit.errors import AdloomError
from kit.stack.files import DataDirectory
from kit.stack.parts import Part
from kit.stack.postgres import EmbeddedPostgres
from kit.stack.supervisor import StopRequested, Supervisor
from kit.stack.valkey import EmbeddedValkey

_SLEEP = "import time; time.sleep(600)"
# Ends by itself the first time, and stays the second.
_RECOVERS = "import os, sys, time\nif os.path.exists(sys.argv[1]): print('at work', flush=True); time.sleep(600)\nopen(sys.argv[1], 'w').close(); sys.exit('it broke')"
_BROKEN = "import sys; sys.exit('it is broken')"
# Writes its name when it is told to stop, so that a test sees the order.
_TELLS = """
import os, signal, sys
def stop(*_):
    with open(sys.argv[2], "a") as file: file.write(sys.argv[1] + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
open(sys.argv[2] + "." + sys.argv[1], "w").close()
while True: signal.pause()
"""


def _parts(root: Path) -> dict[str, Part]:
    def python(name: str, code: str, *arguments: str, once: bool = False, is_server: bool = False) -> Part:
        listens = root / f"order.{name}"
        return Part(
            name,
            [sys.executable, "-c", code, *arguments],
            is_ready=listens.exists if code is _TELLS else lambda: True,
            ready_word="at work" if code in {_RECOVERS, _BROKEN} else "",
            once=once,
            is_server=is_server,
        )

    return {
        "sleeper": python("sleeper", _SLEEP),
        "recovers": python("recovers", _RECOVERS, str(root / "was-here")),
        "broken": python("broken", _BROKEN),
        "fails": python("fails", "import sys; sys.exit('the disk is on fire')", once=True),
        "silent": Part("silent", [sys.executable, "-c", _SLEEP], is_ready=lambda: False),
        "store": python("store", _TELLS, "store", str(root / "order"), is_server=True),
        "user": python("user", _TELLS, "user", str(root / "order")),
    }


def main(folder: str, *kinds: str) -> None:
    """Start what is asked for, print READY, and keep it running."""
    root = Path(folder)
    directory = DataDirectory(root)
    known = _parts(root)
    try:
        with Supervisor(directory, say=_say) as supervisor:
            if "servers" in kinds:
                supervisor.start_server(EmbeddedValkey(directory, durable=False))
                supervisor.start_server(EmbeddedPostgres(directory, durable=False))
            supervisor.announce("http://127.0.0.1:8000", {"DATABASE_URL": "postgresql://here"})
            together = [known[kind] for kind in kinds if kind in known and known[kind].ready_word]
            supervisor.start([known[kind] for kind in kinds if kind in known and known[kind] not in together])
            supervisor.start_together(together, wait_s=0.5)
            _say("READY")
            supervisor.watch()
    except StopRequested:
        _say("STOPPED EARLY")
    except AdloomError as problem:
        sys.exit(str(problem))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
