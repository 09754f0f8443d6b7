"""Situations of signing in."""

from kit.errors import Conflict, InvalidInput, NotSignedIn


class AddressTaken(Conflict):
    """Somebody has signed up with this address already."""

    code = "address-taken"
    keeps_changes = True  # the counted try


class WeakPassword(InvalidInput):
    """The password is too easy to guess; the reason says why."""

    code = "weak-password"


class WrongCredentials(NotSignedIn):
    """Unknown address or wrong password: which of the two is nobody's business."""

    code = "wrong-credentials"
    keeps_changes = True  # the counted try


class LinkExpired(InvalidInput):
    """A mailed link that was used, replaced, or is too old."""

    code = "link-expired"


class TokenEnded(NotSignedIn):
    """A refresh token that is unknown, too old, or was ended by signing out."""

    code = "token-ended"


class TokenReused(NotSignedIn):
    """A refresh token came a second time, so its whole family was ended."""

    code = "token-reused"
    keeps_changes = True  # the ended family
