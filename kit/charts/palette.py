"""Colours of charts: on a page CSS variables that follow the theme, in PDF and mail the same colours spelled out.

Slot 1…6 are the series in order, slot 0 is "Other". Any two keep apart under normal and colour-blind sight (`tests/kit`).
"""

from dataclasses import dataclass

LIGHT_SERIES = ("#0b6a66", "#6d2a18", "#4912a2", "#7d7800", "#3d7efc", "#c77ea1")
DARK_SERIES = ("#4cc2b8", "#fdb171", "#b6aaff", "#977e0d", "#3778f5", "#e0407d")


@dataclass(frozen=True)
class Palette:
    """What a drawing may use."""

    series: tuple[str, ...]  # slot 0 first
    ink: str
    ink_2: str
    ink_3: str
    line: str
    surface: str

    def of(self, slot: int) -> str:
        """The colour of a slot; a seventh series and later are "Other"."""
        return self.series[slot] if 0 <= slot < len(self.series) else self.series[0]


PAGE = Palette(
    tuple(f"var(--series-{slot})" for slot in range(7)),
    "var(--ink)",
    "var(--ink-2)",
    "var(--ink-3)",
    "var(--line)",
    "var(--surface)",
)
LIGHT = Palette(("#6f7682", *LIGHT_SERIES), "#1a1d23", "#545b66", "#6f7682", "#e2dfd7", "#ffffff")
DARK = Palette(("#8b94a2", *DARK_SERIES), "#eceef2", "#a9b1bd", "#8b94a2", "#2f343d", "#1b1e24")
