"""Production refuses to start with settings that would put people's data at risk."""

from dataclasses import dataclass

from app.cli.doctor.findings import Finding
from app.cli.doctor.keys import look_at_keys
from kit.errors import AdloomError
from kit.settings import Settings


@dataclass
class UnsafeSettings(AdloomError):
    """At least one setting is unfit for production."""

    code = "unsafe-settings"
    title = "Production refuses these settings"


def refuse_unsafe(settings: Settings) -> None:
    """Raise where `ADLOOM_ENV=production` and something is unsafe; say everything at once."""
    problems = unsafe(settings)
    if problems:
        raise UnsafeSettings(
            "Production refuses to start: " + " ".join(problem.message for problem in problems),
            " ".join(problem.what_to_do for problem in problems),
        )


def unsafe(settings: Settings) -> list[Finding]:
    """What production would refuse; nothing anywhere else."""
    if settings.adloom_env != "production":
        return []
    problems = [finding for finding in look_at_keys(settings) if finding.level == "problem"]
    if not settings.is_secure:
        problems.append(
            Finding(
                "Address",
                "problem",
                f"People would come over plain HTTP ({settings.base_url}), and their sign-in could be read on the way.",
                "Put a TLS proxy in front, and set ADLOOM_BASE_URL to its https:// address.",
            )
        )
    return problems
