"""Why an offer cannot be kept."""

from kit.errors import Conflict, FieldError


class NameTaken(Conflict):
    """Another offer that is still made has this name."""

    code = "offer-name-taken"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is an offer named “{name}” already.",
            "Choose another name, or retire that one first.",
            [FieldError("There is an offer of this name already.", "name", value=name)],
        )
