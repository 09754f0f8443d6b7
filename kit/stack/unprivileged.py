"""Who the database servers run as: PostgreSQL refuses root, so root hands them to `nobody`; everybody else keeps his own name."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

_NOBODY = 65_534


@dataclass(frozen=True)
class Unprivileged:
    """A user without rights. `needs_reach` where some folder on the way is closed to it (root's home, a private /tmp)."""

    uid: int
    gid: int
    needs_reach: bool

    def own(self, path: Path) -> None:
        """Give a file or an empty folder to this user."""
        os.chown(path, self.uid, self.gid)


def unprivileged_user(*paths: Path) -> Unprivileged | None:
    """The user for servers that must reach `paths`; None where this process is not root."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwuid(_NOBODY)
        uid, gid = entry.pw_uid, entry.pw_gid
    except KeyError:
        uid = gid = _NOBODY
    return Unprivileged(uid, gid, needs_reach=not all(_is_reachable(path, uid) for path in paths))


def _is_reachable(path: Path, uid: int) -> bool:
    """True where every folder above may be walked through by a user who is neither root nor in any of the groups."""
    for folder in path.resolve().parents:
        status = folder.stat()
        needed = stat.S_IXUSR if status.st_uid == uid else stat.S_IXOTH
        if not status.st_mode & needed:
            return False
    return True
