"""The neighbours that the sandbox plays, one module each. `build_parts` is the list."""

from sandbox.part import Part, World
from sandbox.parts.inbox import Inbox
from sandbox.parts.platforms import Platforms
from sandbox.parts.webhooks import Webhooks


def build_parts(world: World) -> list[Part]:
    """Every part, in the order of the navigation, with its faults made known."""
    parts: list[Part] = [Inbox(world), Webhooks(world), Platforms(world)]
    for part in parts:
        world.faults.register(part.fault_kinds)
    return parts
