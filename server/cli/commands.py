"""Assembles the commands; a mistake ends with one clear line and exit code 2."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper

import typer
from sqlalchemy.exc import DatabaseError

from server.errors import IntercoderError, Refusal
from server.language import gettext as _
from server.web.garbage import uncollected
from server.web.languages import choose_language_of_shell

# Each command by the module that has it: a server does not load what exports, nor an export a server.
COMMANDS: dict[str, tuple[str, ...]] = {
    "serving": ("serve",),
    "migrating": ("migrate",),
    "demo": ("demo",),
    "people": ("setup-link", "user", "project"),
    "importing": ("import",),
    "measuring": ("agreement",),
    "studies": ("results", "export"),
    "estimates": ("groups", "together", "corrected"),
    "papers": ("methods", "archive"),
    "verifying": ("verify-history",),
    "keeping": ("backup", "restore", "check", "migrate-data"),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; returns by leaving the process."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8")  # JSON and CSV are UTF-8, whatever the terminal is.
    code = speak() or run(sys.argv[1:] if arguments is None else list(arguments))
    _flush()
    sys.exit(code)


def speak() -> int:
    """Take up the language of the environment, and give the exit code: 2 where a language cannot be read."""
    try:
        choose_language_of_shell(os.environ)
    except IntercoderError as error:
        return _say(_sentences(error))
    return 0


def run(arguments: Sequence[str]) -> int:
    """Run one command and give its exit code: 0, its own, or 2 with a line on the error output."""
    try:
        code = typer.main.get_command(app_for(arguments)).main(
            list(arguments), prog_name="intercoder", standalone_mode=False
        )
    except typer.TyperException as mistake:
        return _say(_with_help(mistake))
    except typer.Abort:
        return _say(_("Stopped."))
    except IntercoderError as error:
        return _say(_sentences(error))
    except DatabaseError as problem:
        return _say(_("The database failed: %s") % problem.orig)
    return code if isinstance(code, int) else 0


def app_for(arguments: Sequence[str]) -> typer.Typer:
    """The command line with the command that is named first, or with all where none is."""
    app = typer.Typer(
        name="intercoder",
        help="Code posts together, measure agreement, decide, and download the final dataset.",
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(_of_its_own)
    asked = [part for part, names in COMMANDS.items() if {*arguments[:1]}.intersection(names)]
    with uncollected():
        for part in asked or COMMANDS:
            import_module(f"server.cli.{part}").add_to(app)
    return app


def _of_its_own() -> None:
    # Without it the only command would need no name.
    pass


def _with_help(mistake: typer.TyperException) -> str:
    context = getattr(mistake, "ctx", None)
    command = context.command_path if context else "intercoder"
    said = mistake.format_message().replace("Value error, ", "").rstrip(".")
    return f"{said}. See {command} --help."


def _sentences(error: IntercoderError) -> str:
    """The message, and what a form would say at its fields."""
    at_fields = error.fields.values() if isinstance(error, Refusal) else ()
    return " ".join([error.message or _("This cannot be done; nothing was changed."), *at_fields])


def _say(message: str) -> int:
    print("intercoder: " + " ".join(message.split()), file=sys.stderr)
    return 2


def _flush() -> None:
    """Write out what is printed; whoever reads it may have read enough (`| head`)."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
