"""The option `--shifts`, alike for every verb that reads digits with a model."""

from __future__ import annotations

import click

option = click.option(
    "--shifts",
    type=click.IntRange(0, 3),
    default=0,
    show_default=True,
    metavar="N",
    help="Read each digit at every shift of up to N pixels (3 at most) and average: takes "
    "(2N+1)^2 times as long, so 9 times for 1.",
)
