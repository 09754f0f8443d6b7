"""Becomes another program that ends with its parent: `python -I -S child.py SIGNAL PARENT UID GID REACH PROGRAM [ARGUMENT…]`.

Standard library only, because it runs before anything else may be imported. On Linux the kernel sends SIGNAL when the *thread*
that started this process ends, so a supervisor that is killed with -9 leaves nothing behind. UID -1 keeps the user. REACH 1 keeps
the one capability to walk through directories: a server that had to give up root still reaches its files in root's home.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_SECUREBITS = 28
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAP_DAC_READ_SEARCH = 2
_SECBIT_NO_SETUID_FIXUP = 1 << 2
_CAPABILITY_VERSION_3 = 0x20080522


def main(arguments: list[str]) -> None:
    """Prepare this process, then replace it."""
    signal_number, parent, uid, gid, reach = (int(value) for value in arguments[:5])
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    if uid >= 0:
        _become(uid, gid, libc=libc if reach else None)
    if libc is not None:
        # After the change of user: the kernel forgets this setting whenever the credentials change.
        _call(libc.prctl, _PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit("The supervisor ended before this part began.")
    program = arguments[5:]
    os.execv(program[0], program)  # noqa: S606 the program is the caller's, and no shell is wanted


def _become(uid: int, gid: int, *, libc: ctypes.CDLL | None) -> None:
    try:
        if libc is not None:
            # Otherwise access(2), which PostgreSQL asks about its programs, overlooks the capability that is kept.
            _call(libc.prctl, _PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
        if libc is not None:
            _keep_one_capability(libc)
    except OSError as problem:
        sys.exit(
            f"The database servers may not run as root, and could not be handed to user {uid}: {problem.strerror}. "
            "Start Adloom as an ordinary user, or from a folder that everybody may enter."
        )


def _keep_one_capability(libc: ctypes.CDLL) -> None:
    """CAP_DAC_READ_SEARCH alone, in every set, so that it outlives the exec (capabilities(7), ambient set)."""
    mask = 1 << _CAP_DAC_READ_SEARCH
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    # Two words of 32 capabilities, each as (effective, permitted, inheritable).
    sets = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
    _call(libc.capset, header, sets)
    _call(libc.prctl, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_READ_SEARCH, 0, 0)


def _call(function: "ctypes._NamedFuncPointer", *arguments: object) -> None:
    if function(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    main(sys.argv[1:])
