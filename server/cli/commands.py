"""Assembles the commands; a mistake ends with one clear line and exit code 2."""

import sys
from collections.abc import Sequence

import click
import typer

from server.cli import demo, people, serving, studies
from server.errors import IntercoderError

app = typer.Typer(
    name="intercoder",
    help="Code posts together, measure agreement, decide, and download the final dataset.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for part in (serving, demo, people, studies):
    part.add_to(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; returns by leaving the process."""
    sys.exit(run(sys.argv[1:] if arguments is None else list(arguments)))


def run(arguments: Sequence[str]) -> int:
    """Run one command and give its exit code: 0, or 2 with a line on the error output."""
    try:
        code = typer.main.get_command(app).main(
            list(arguments), prog_name="intercoder", standalone_mode=False
        )
    except click.ClickException as mistake:
        return _say(mistake.format_message())
    except click.Abort:
        return _say("stopped")
    except IntercoderError as error:
        return _say(error.message)
    return code if isinstance(code, int) else 0


def _say(message: str) -> int:
    print("intercoder: " + " ".join(message.split()), file=sys.stderr)
    return 2
