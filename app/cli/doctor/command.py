"""`adloom doctor`: looks at the installation part by part and says, in a person's words, what needs attention."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict

import click

from app.cli.doctor.database import look_at_database
from app.cli.doctor.findings import MARKS, Finding
from app.cli.doctor.keys import look_at_keys
from app.cli.doctor.machine import look_at_browser, look_at_disk, look_at_front_end
from app.cli.doctor.mail import look_at_mail
from app.cli.doctor.queue_store import look_at_queue_store
from app.cli.doctor.storage import look_at_storage
from kit.errors import AdloomError
from kit.logging import without_secrets
from kit.settings import Settings
from kit.stack.files import DataDirectory
from kit.stack.state import look

CHECKS: dict[str, Callable[[Settings], list[Finding]]] = {
    "Keys": look_at_keys,
    "Database": look_at_database,
    "Redis": look_at_queue_store,
    "Files": look_at_storage,
    "Mail": look_at_mail,
    "Disk": look_at_disk,
    "Front end": look_at_front_end,
    "Browser tests": look_at_browser,
}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def doctor(as_json: bool) -> None:
    """Look at everything; exit code 1 where there is a problem."""
    findings = examine()
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            click.echo(finding.line())
        click.echo(_verdict(findings))
    sys.exit(1 if any(finding.level == "problem" for finding in findings) else 0)


def examine() -> list[Finding]:
    """Every check's findings. What a check itself trips over is a finding too."""
    running = _running_stack()
    settings = Settings()
    findings = [running]
    for subject, check in CHECKS.items():
        try:
            found = check(settings)
        except (AdloomError, OSError, ValueError) as problem:
            found = [Finding(subject, "problem", f"The check itself failed: {type(problem).__name__}: {problem}")]
        findings += found
    return [_cleaned(finding) for finding in findings]


def _running_stack() -> Finding:
    """Take over the settings of the stack that runs from the data directory, where there is one."""
    settings = Settings()
    directory = DataDirectory(settings.adloom_data_dir)
    report = look(directory)
    if not report.is_running:
        return Finding(
            "Stack", "ok", "Nothing runs from this data directory now. `make demo` or `adloom up` starts it."
        )
    for name, value in directory.read_environment().items():
        os.environ.setdefault(name, value)
    bad = [part.name for part in report.parts if part.state not in {"ready", "done", "starting"}]
    if bad:
        return Finding(
            "Stack",
            "warning",
            f"Running at {report.address}, but not well: {', '.join(bad)}.",
            f"Their logs are in {directory.logs}.",
        )
    return Finding("Stack", "ok", f"Running at {report.address}, with {len(report.parts)} parts.")


def _cleaned(finding: Finding) -> Finding:
    return Finding(
        finding.subject, finding.level, without_secrets(finding.message), without_secrets(finding.what_to_do)
    )


def _verdict(findings: list[Finding]) -> str:
    problems = sum(finding.level == "problem" for finding in findings)
    warnings = sum(finding.level == "warning" for finding in findings)
    if not problems and not warnings:
        return f"\n{MARKS['ok'].strip()}: everything is in order."
    return f"\nProblems: {problems}. Warnings: {warnings}."
