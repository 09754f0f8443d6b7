"""What the doctor says about one thing."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "problem"]
MARKS: dict[Level, str] = {"ok": "OK     ", "warning": "Warning", "problem": "Problem"}


@dataclass(frozen=True)
class Finding:
    """One line: the subject, how bad it is, what was seen, and what to do."""

    subject: str
    level: Level
    message: str
    what_to_do: str = ""

    def line(self) -> str:
        """For the terminal."""
        advice = f"\n{'':26}→ {self.what_to_do}" if self.what_to_do else ""
        return f"{MARKS[self.level]}  {self.subject:<15}  {self.message}{advice}"
