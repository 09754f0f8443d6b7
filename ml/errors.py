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


class BadPaths(BadFrame):
    """Touches, sales or refunds cannot be read as paths; may name the row, counted from 1."""


class TooManyChannels(BadOption):
    """More channels than a path model can tell apart."""

    def __init__(self, channels: int, most: int) -> None:
        super().__init__(
            f"There are {channels} channels; path models tell at most {most} apart.",
            "Group small channels into one, for example by platform.",
        )
        self.channels = channels
        self.most = most


class NoConversions(CannotFit):
    """No path has both a touch and a sale, so that there is nothing to credit."""

    def __init__(self, paths: int) -> None:
        super().__init__(
            f"None of the {paths:,} paths has both a touch and a sale, so there is nothing to credit.",
            "Check that sales were imported with the same person ids as the touches, and that the look-back is long enough.",
        )
        self.paths = paths


class BadSample(MlError):
    """What was counted in an arm of a test cannot be: too few units, or sums that contradict each other."""


class NoBaseline(CannotCompare):
    """The control's mean is 0 or below, so that nothing can be so many per cent above it."""

    def __init__(self) -> None:
        super().__init__(
            "The control's average is 0 or below, so a change in per cent has no meaning.",
            "Wait for the first results, or compare in absolute numbers.",
        )


class TooEarly(CannotCompare):
    """A test has not seen enough for any comparison."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail, "Let the test run on.")


class NoPause(CannotFit):
    """The spend in the window of a lift test hardly differs from what it would have been, or is not known."""


class TooFewRegions(CannotFit):
    """There are too few regions without the change to compare with."""

    def __init__(self, regions: int, needed: int) -> None:
        super().__init__(
            f"There are {regions} regions to compare with; at least {needed} are needed.",
            "Leave more regions unchanged, or split large ones.",
        )
        self.regions = regions
        self.needed = needed


class TooFewCustomers(CannotFit):
    """Fewer customers than a habit can be read from."""

    def __init__(self, customers: int, needed: int, what: str = "customers") -> None:
        super().__init__(
            f"There are {customers:,} {what}; at least {needed:,} are needed.",
            "Import older orders too, or come back when there are more.",
        )
        self.customers = customers
        self.needed = needed


class TooFewOutcomes(CannotFit):
    """One of two outcomes (left or stayed, accepted or not) is too rare to learn a probability from."""

    def __init__(self, outcome: str, count: int, needed: int) -> None:
        super().__init__(
            f"Only {count:,} times was the outcome “{outcome}”; at least {needed:,} are needed.",
            "Choose another horizon, import a longer history, or come back when there are more.",
        )
        self.outcome = outcome
        self.count = count
        self.needed = needed


class TooFewExamples(CannotFit):
    """Too little of a kind has happened to learn from it and to check what was learnt. `found` of `needed` examples."""

    def __init__(self, what: str, found: int, needed: int) -> None:
        super().__init__(
            f"There are {found:,} {what}; at least {needed:,} are needed.",
            "Let your campaigns run on, or connect an account with a longer history.",
        )
        self.found = found
        self.needed = needed


class NothingLearnt(CannotFit):
    """A model has no answer to this question, because its data could not carry one when it was trained."""


class CampaignUnknown(CannotFit):
    """A campaign is too young, stands still, or was never seen, so that nothing can be said about it."""


class NothingScored(CannotFit):
    """A self-test ended without one simulated business that could be fitted."""

    def __init__(self, failed: int) -> None:
        super().__init__(
            f"{failed} simulated businesses could not be fitted, and none could."
            if failed
            else "The self-test was stopped before the first simulated business was fitted.",
            "Collect more data first." if failed else "Start it again and let it run for at least one round.",
        )
        self.failed = failed
