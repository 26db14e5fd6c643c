"""`inkdigits doctor`: say whether this machine can do the work, and what to do where not."""

from __future__ import annotations

import json
import sys

import click

from inkdigits.doctor import Check, examine

MARKS = {
    "ok": ("ok", "green"),
    "missing": ("missing", "bold red"),
    "optional": ("optional", "yellow"),
}


@click.command("doctor")
@click.option("--deep", is_flag=True, help="Also check all of MNIST and import TensorFlow.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(deep: bool, as_json: bool) -> None:
    """Check that this machine can do the work.

    Exit code 1 tells that classify or serve would not run.
    """
    checks = examine(deep=deep)
    able = all(check.status != "missing" for check in checks)
    if as_json:
        answer = {"able": able, "checks": [check.to_dict() for check in checks]}
        click.echo(json.dumps(answer, indent=2))
    else:
        try:
            _print(checks)
        except ImportError:  # rich is missing, which is among what is to be told
            _print_plainly(checks)
        click.echo(
            "\nThis machine can read digits and serve the page."
            if able
            else "\nThis machine cannot read digits yet: mend what is missing, from the top."
        )
    if not able:
        sys.exit(1)


def _print(checks: list[Check]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Check", no_wrap=True)
    table.add_column("Status", no_wrap=True)
    table.add_column("Found", overflow="fold")
    table.add_column("What to do", overflow="fold")
    for check in checks:
        word, style = MARKS[check.status]
        row = (Text(check.name), Text(word, style), Text(check.detail), Text(check.advice))
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else 120).print(table)


def _print_plainly(checks: list[Check]) -> None:
    for check in checks:
        advice = f": {check.advice}" if check.advice else ""
        click.echo(f"{check.name:24} {MARKS[check.status][0]:9} {check.detail}{advice}")
