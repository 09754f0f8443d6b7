"""People who upload files over HTTP while everything is being killed, and remember what they were told.

A reply of 202 is a promise. Where a connection broke or the reply was a refusal of the server (5xx), the outcome is unknown, and
the same file is sent again until it is promised.
"""

import itertools
import threading
from dataclasses import dataclass, field
from datetime import date, timedelta
from time import sleep
from typing import Literal

import httpx

from tests.people import Person

ROWS = 60
_EVERY_TWICE = 10  # each tenth file is sent a second time although it was promised
_FIRST_DAY = date(2025, 1, 1)
_MICROS = 1_000_000


@dataclass
class Told:
    """What the uploads came to, as their senders know it."""

    promised: dict[str, int] = field(default_factory=dict)  # import id → number of the file
    sent: set[int] = field(default_factory=set)  # files that may have arrived
    outcomes: list[str] = field(default_factory=list)  # of each request
    unexpected: list[str] = field(default_factory=list)


class Uploaders:
    """Several at once, each with a connection of its own, until `stop`, which lets each have its last file promised."""

    def __init__(self, person: Person, url: str, *, number: int, pause_s: float) -> None:
        self.told = Told()
        self._person, self._url, self._pause_s = person, url, pause_s
        self._numbers = itertools.count(1)
        self._ended, self._given_up = threading.Event(), False
        self._threads = [threading.Thread(target=self._upload, name=f"uploader-{n}") for n in range(number)]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self, *, give_up: bool = False) -> None:
        """Return when the last file of each is promised, which needs everything to be up; or at once, without that promise."""
        self._given_up = give_up
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _upload(self) -> None:
        with httpx.Client(base_url=self._url, timeout=15, trust_env=False) as client:
            while not self._ended.wait(self._pause_s):
                number = next(self._numbers)
                for _ in range(2 if number % _EVERY_TWICE == 0 else 1):
                    while not self._is_promised(client, number) and not self._given_up:
                        sleep(self._pause_s)

    def _is_promised(self, client: httpx.Client, number: int) -> bool:
        """Send it once, and note what came of it."""
        files = {"file": (filename(number), content(number))}
        headers = {"x-workspace": str(self._person.workspace_id), "accept": "application/json"}
        try:
            reply = self._person.request(client, "POST", "/api/v1/imports", files=files, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return self._note("web away")
        except httpx.TransportError:
            self.told.sent.add(number)
            return self._note("connection broken")
        self.told.sent.add(number)
        if reply.status_code >= 500:
            return self._note("answered 5xx")
        if reply.status_code == 202 and reply.json()["state"] in {"queued", "running", "done"}:
            self.told.promised[reply.json()["id"]] = number
        else:
            self.told.unexpected.append(reply.text[:300])
        self.told.outcomes.append("answered")
        return True

    def _note(self, outcome: str) -> Literal[False]:
        self.told.outcomes.append(outcome)
        return False


def filename(number: int) -> str:
    """Tells its number."""
    return f"file-{number}.csv"


def campaign(number: int) -> str:
    """The campaign that only this file speaks of."""
    return f"Campaign {number}"


def content(number: int) -> bytes:
    """A file of its own: so many days of one campaign."""
    days = [(_FIRST_DAY + timedelta(days=row)).isoformat() for row in range(ROWS)]
    lines = [f"{day},Google Ads,{campaign(number)},{number + row},{3 * number + row}\n" for row, day in enumerate(days)]
    return ("date,channel,campaign,spend,revenue\n" + "".join(lines)).encode()


def expected(number: int) -> tuple[int, int, int]:
    """(facts, spend, revenue) of a file that was applied once; money in micros."""
    steps = sum(range(ROWS))
    return ROWS, (ROWS * number + steps) * _MICROS, (3 * ROWS * number + steps) * _MICROS
