"""Why the numbers cannot be given: one class per situation, with data, a sentence for a person and what to do about it.

MlError
├── BadFrame (the input cannot be read as a regular series; may name a row)
├── BadOption (an argument is outside its domain)
├── CannotCompare (two windows hold too little to be compared)
├── BadBudget (minimum, maximum, lock or budget make no sense) · InfeasibleBudget (they contradict each other)
└── CannotFit: TooShort · TooFewChannels · NoSpend · NoVariation · CollinearChannels · ConstantRevenue · NoNetRevenue
"""

from collections.abc import Sequence


class MlError(ValueError):
    """Something that a person can read: `detail` says what happened, `hint` what to do about it."""

    def __init__(self, detail: str, hint: str = "") -> None:
        super().__init__(f"{detail} {hint}".strip())
        self.detail = detail
        self.hint = hint


class BadFrame(MlError):
    """The rows cannot become a regular series. `row` counts data rows from 1, or file lines where a file was read."""

    def __init__(self, detail: str, hint: str = "", row: int | None = None) -> None:
        super().__init__(detail if row is None else f"Row {row}: {detail}", hint)
        self.row = row


class BadOption(MlError):
    """An argument is outside its domain."""


class CannotCompare(MlError):
    """Two windows of days hold too little to be compared."""


class BadBudget(MlError):
    """A budget, limit or lock is negative, not a number, or names a channel that the fit does not have."""


class InfeasibleBudget(MlError):
    """No split of the budget meets all limits. `constraints` names those that contradict each other."""

    def __init__(self, constraints: Sequence[str], detail: str | None = None) -> None:
        self.constraints = tuple(constraints)
        named = "; ".join(self.constraints)
        super().__init__(
            detail or f"No split of the budget meets all your limits: {named}.",
            "Change the budget, or loosen one of the limits named here.",
        )


class CannotFit(MlError):
    """The data are readable, yet cannot carry the answer."""


class TooShort(CannotFit):
    """The history is shorter than the method needs."""

    def __init__(self, days: int, needed: int) -> None:
        super().__init__(
            f"There are {days} days of data; at least {needed} are needed.",
            f"Import {max(needed - days, 1)} more days and run this again.",
        )
        self.days = days
        self.needed = needed


class TooFewChannels(CannotFit):
    """One channel with spend, where telling channels apart needs two."""

    def __init__(self, channels: Sequence[str], needed: int = 2) -> None:
        self.channels = tuple(channels)
        self.needed = needed
        named = f" ({', '.join(self.channels)})" if self.channels else ""
        super().__init__(
            f"Only {len(self.channels)} channel has spend{named}; at least {needed} are needed.",
            "Import the spend of your other channels. To test a single channel, pause it for two weeks and compare.",
        )


class NoSpend(CannotFit):
    """No channel has any spend."""

    def __init__(self) -> None:
        super().__init__("No channel has any spend in this period.", "Check that the spend column was imported.")


class NoVariation(CannotFit):
    """Spend never changes, so that its effect cannot be told from what would have sold anyway."""

    def __init__(self, channels: Sequence[str] | str) -> None:
        self.channels = (channels,) if isinstance(channels, str) else tuple(channels)
        super().__init__(
            f"The spend never changes in: {', '.join(self.channels)}. What stays the same cannot explain what changes.",
            "Raise, lower or pause a channel for two weeks, then run this again.",
        )


class CollinearChannels(CannotFit):
    """Channels rise and fall together, so that no one can tell which of them worked. `pairs` names them."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self.pairs = tuple(pairs)
        named = "; ".join(f"{first} and {second}" for first, second in self.pairs)
        super().__init__(
            f"These channels rise and fall together, so their effects cannot be told apart: {named}.",
            "Change the spend of one of them on its own for two weeks, or import them as one channel.",
        )


class ConstantRevenue(CannotFit):
    """Revenue never changes, so that there is nothing to explain or forecast."""

    def __init__(self, value: float) -> None:
        super().__init__(
            f"The revenue is {value:,.2f} in every period, so there is nothing to explain.",
            "Check that the revenue column holds each day's own revenue.",
        )
        self.value = value


class NoNetRevenue(CannotFit):
    """Refunds eat up the sales: there is no revenue that channels could have brought."""

    def __init__(self, total: float) -> None:
        super().__init__(
            f"Refunds exceed sales, or nearly: the revenue of the whole period adds up to {total:,.2f}.",
            "Check the sign of the revenue column, and that refunds carry the day of their order.",
        )
        self.total = total
