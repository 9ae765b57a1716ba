"""The command `vigil`. Subcommands are imported only when they are run."""

from __future__ import annotations

import difflib
import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from typing import NamedTuple

import click

from monitor.cli import output
from monitor.errors import VigilError

EXIT_INTERRUPTED = 130
"""128 + SIGINT, as shells report it."""
EXIT_BROKEN_PIPE = 141
"""128 + SIGPIPE, as shells report it."""


class Entry(NamedTuple):
    """Where a subcommand is found, and its line in the overview."""

    target: str
    help: str


COMMANDS: dict[str, Entry] = {
    "demo": Entry("monitor.cli.demo_cmd:demo", "Watch a full simulated session."),
    "train": Entry("monitor.cli.train_cmd:train", "Train with simulated alarms; be scored."),
    "run": Entry("monitor.cli.run_cmd:run", "Monitor a live session."),
    "attach": Entry("monitor.cli.run_cmd:attach", "Open a dashboard on a running session."),
    "scan": Entry("monitor.cli.scan_cmd:scan", "Find sensors; print their configuration."),
    "doctor": Entry("monitor.cli.doctor_cmd:doctor_", "Check this computer; say what mends it."),
    "selftest": Entry(
        "monitor.cli.selftest_cmd:selftest", "Drill an alarm through the whole path."
    ),
    "replay": Entry("monitor.cli.replay_cmd:replay", "Replay a recording in the dashboard."),
    "reanalyse": Entry(
        "monitor.cli.reanalyse_cmd:reanalyse", "Derive a recording's alarms again; compare limits."
    ),
    "import": Entry("monitor.cli.import_cmd:import_", "Make a recording of other people's files."),
    "export": Entry("monitor.cli.export_cmd:export", "Write beats or vitals of a recording."),
    "report": Entry("monitor.cli.report_cmd:report", "Write a session's report as one HTML file."),
    "sessions": Entry(
        "monitor.cli.sessions_cmd:sessions", "The archive: list, show, verify, annotate, find."
    ),
    "central": Entry("monitor.cli.central_cmd:central", "Watch many rooms on one screen."),
    "decode": Entry("monitor.cli.decode_cmd:command", "Decode one sensor payload to JSON."),
    "config": Entry("monitor.cli.config_cmd:command", "Check or show the configuration."),
    "simulate": Entry("monitor.cli.simulate_cmd:simulate", "Virtual sensors for developers."),
    "scenario": Entry("monitor.cli.scenario_cmd:scenario", "List the simulated scenarios."),
}


class LazyGroup(click.Group):
    """A group that knows its commands' names and help, but imports only the one that is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Every command, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; a usage error names the nearest one."""
        if cmd_name in COMMANDS:
            return load_command(cmd_name)
        if not cmd_name.startswith("-"):
            near = difflib.get_close_matches(cmd_name, COMMANDS, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            raise click.UsageError(f"No such command {output.clean(cmd_name)!r}.{hint}", ctx)
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the overview from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])


def load_command(name: str) -> click.Command:
    """Import one subcommand."""
    module, _, attribute = COMMANDS[name].target.partition(":")
    found = getattr(importlib.import_module(module), attribute)
    if not isinstance(found, click.Command):
        raise TypeError(f"{COMMANDS[name].target} is not a click command")
    return found


def software_version() -> str:
    """The installed version; without an installation, the checkout says so."""
    from monitor.version import installed  # noqa: PLC0415 - slow, and seldom asked for

    return installed() or "unknown (not installed)"


def _show_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:  # noqa: ARG001
    if value and not ctx.resilient_parsing:
        click.echo(f"vigil {software_version()}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 fine, 1 a finding, 2 usage or bad input, 3 a device or environment "
    "fault. Vigil is not a medical device and not for sole reliance.",
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_show_version,
    help="Show the version and exit.",
)
def cli() -> None:
    """Watch heart rate and skin temperature through a therapy session.

    Start with: vigil demo
    """


def main(args: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code; never raises for a user's mistake.

    A command returns nothing, or the exit code.
    """
    if "_VIGIL_COMPLETE" in os.environ:  # a shell asks for completions: click's own protocol
        cli.main(prog_name="vigil")
    try:
        code = _invoke(list(sys.argv[1:] if args is None else args))
        sys.stdout.flush()
    except BrokenPipeError:
        return _broken_pipe()
    except (KeyboardInterrupt, click.Abort):
        return EXIT_INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the border of the program
        return _report(error)
    return code


def _invoke(args: list[str]) -> int:
    try:
        with cli.make_context("vigil", args) as ctx:
            result = cli.invoke(ctx)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    return result if type(result) is int else 0


def _broken_pipe() -> int:
    """The reader of our output went away (`vigil ... | head`): stop, without a word."""
    # What is left in the buffer would fail once more when the interpreter flushes it at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return EXIT_BROKEN_PIPE


def _report(error: Exception) -> int:
    if isinstance(error, click.ClickException):
        error.show()
        return 2
    known = _vigil_errors(error)
    for one in known:
        output.say(str(one))
    if known:
        return max(one.exit_code for one in known)
    return _report_unexpected(error)


def _vigil_errors(error: BaseException) -> list[VigilError]:
    """The user's mistakes in an error; none if it holds anything else besides."""
    if isinstance(error, BaseExceptionGroup):
        parts = [_vigil_errors(part) for part in error.exceptions]
        return [one for part in parts for one in part] if all(parts) else []
    return [error] if isinstance(error, VigilError) else []


def _report_unexpected(error: Exception) -> int:
    if os.environ.get("VIGIL_DEBUG") == "1":
        traceback.print_exception(error)
    else:
        kind, text = type(error).__name__, " ".join(str(error).split())
        output.say(f"unexpected error: {kind}: {text} (run with VIGIL_DEBUG=1 for the details)")
    return output.EXIT_UNEXPECTED
