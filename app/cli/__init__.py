"""The command `adloom`. Each topic is a module here; `COMMANDS` below is the one table of them.

A module is imported only when its command runs, so that `adloom status` does not pay for the numeric libraries.
"""

import importlib
import sys
from dataclasses import dataclass

import click

from kit.errors import AdloomError


@dataclass(frozen=True)
class Entry:
    """Where a command lives. `joins_stack`: without settings, it works on the stack that runs beside it, or not at all."""

    target: str
    summary: str
    joins_stack: bool = False


COMMANDS = {
    "demo": Entry("app.cli.stack:demo", "Start everything on this machine, with sample data and a sandbox."),
    "up": Entry("app.cli.stack:up", "Start everything on this machine, for real use."),
    "status": Entry("app.cli.stack:status", "Show what runs, part by part."),
    "stop": Entry("app.cli.stack:stop", "Stop what `adloom demo` or `adloom up` started."),
    "doctor": Entry("app.cli.doctor.command:doctor", "Look at the installation and say what needs attention."),
    "settings": Entry("app.cli.settings:settings", "Print the settings' reference or an example file."),
    "web": Entry("app.cli.web:web", "Serve pages and API.", joins_stack=True),
    "worker": Entry("app.cli.processes:worker", "Run jobs.", joins_stack=True),
    "dispatcher": Entry("app.cli.processes:dispatcher", "Hand waiting jobs to workers.", joins_stack=True),
    "scheduler": Entry("app.cli.processes:scheduler", "Start jobs that are due.", joins_stack=True),
    "mix": Entry("app.cli.mix:mix", "Fit a marketing mix model to a file, and find the best budget."),
    "experiment": Entry("app.cli.experiment:experiment", "Read and plan tests, and measure what a pause cost."),
    "forecast": Entry("app.cli.mix:forecast", "Forecast revenue from a file."),
    "plan": Entry("app.cli.plan:plan", "Show or change the plan of a workspace.", joins_stack=True),
    "vault": Entry("app.cli.vault:vault", "Look after the keys of stored sign-ins.", joins_stack=True),
    "demo-data": Entry("app.cli.demo_data:demo_data", "Fill the demo's workspace.", joins_stack=True),
    "connector": Entry("app.cli.connectors.command:connector", "Write a connector, verify it, look at what it reads."),
    "documents": Entry("app.cli.documents:documents", "Print reference pages that are generated from the code."),
    "db": Entry("app.cli.database:db", "Create and upgrade the database.", joins_stack=True),
}


class CommandTable(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 click's signature
        """In the order of the table, which is the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 click's signature
        """Import and return one command."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module, _, attribute = entry.target.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{entry.target} is no click command.")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 click's signature
        """From the table alone, so that help costs no import."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


@click.group(cls=CommandTable, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="adloom", message="Adloom %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Adloom: what your marketing did, and where the next euro should go."""
    asks_for_help = bool({"-h", "--help"} & set(sys.argv))
    if COMMANDS[str(context.invoked_subcommand)].joins_stack and not asks_for_help:
        _prepare()


def _prepare() -> None:
    """Find the database to work on, refuse production with unsafe settings, and say everything else in log lines."""
    from app.cli.safety import refuse_unsafe
    from kit.logging import configure_logging
    from kit.settings import load_settings
    from kit.stack.join import join_running_stack

    join_running_stack()
    settings = load_settings()
    refuse_unsafe(settings)
    configure_logging(settings)


def main() -> None:
    """Run one command; what goes wrong is said in words, and a defect shows its trace."""
    try:
        cli(prog_name="adloom")
    except AdloomError as problem:
        click.echo(f"Error: {problem.detail}", err=True)
        if problem.hint:
            click.echo(problem.hint, err=True)
        sys.exit(1)
