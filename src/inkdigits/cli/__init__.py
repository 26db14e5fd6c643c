"""The command line. One module a verb; each is imported only when it is called."""

from __future__ import annotations

import importlib
import sys

import click

from inkdigits import __version__
from inkdigits.errors import InkdigitsError

VERBS = {
    "classify": "Read one digit from each picture.",
    "explain": "Say why a digit is read as it is.",
    "read": "Read every number on pictures, pages and PDFs.",
    "template": "Make a template of a form, to read filled-in sheets with.",
    "webcam": "Read numbers before a camera, or in a film.",
    "serve": "Start the web page and the API.",
    "site": "Write the page into a folder, for any host of files.",
    "feedback": "Look at the corrections that people sent.",
    "store": "Look after what the service keeps: status, migrate, purge, export.",
    "keys": "Make, list and revoke keys of the API.",
    "train": "Train a network on MNIST.",
    "sweep": "Train many: each seed of each recipe of a plan.",
    "compose": "Make handwriting of the wild, and what is no digit, to learn from.",
    "distil": "Write down what trained networks answer, to teach others.",
    "line": "Make a reader of rows: compose, train, export.",
    "blend": "Mix a network before and after it was taught.",
    "evaluate": "Measure a model on MNIST and on real handwriting.",
    "predict-csv": "Read a Kaggle CSV of digits and write the submission.",
    "export": "Turn a trained model into other formats, each checked.",
    "ensemble": "Make one ONNX model of several, which averages them.",
    "data": "Fetch, check and preview data sets.",
    "doctor": "Check that this machine can do the work.",
}


class _Verbs(click.Group):
    """A group that imports a verb's module when the verb is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module = cmd_name.replace("-", "_")
        command = importlib.import_module(f"inkdigits.cli.{module}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="inkdigits")
def cli() -> None:
    """Reads handwritten digits: from a drawing, a photo or an array.

    Exit codes: 0 all went well; 1 the work, or a part of it, failed; 2 the call was wrong.
    """


def main() -> None:
    """Run the command line; an error made on purpose becomes one line and exit code 1."""
    try:
        cli()
    except InkdigitsError as error:
        click.echo(f"inkdigits: {error}", err=True)
        sys.exit(1)
    except ModuleNotFoundError as error:
        package = (error.name or "inkdigits").partition(".")[0]
        if package == "inkdigits":
            raise  # a mistake of ours, not an installation that is not whole
        click.echo(
            f"inkdigits: the package {package} is missing: `inkdigits doctor` says what to do.",
            err=True,
        )
        sys.exit(1)
