"""The options `--group`, `--length`, `--pattern`, `--checksum` and `--range`: what a number is.

Alike for every verb that reads numbers: `group` gives the command the parameter `group`, and
`rules` the parameter `rules`, an `inkdigits.rules.Rules`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from inkdigits.errors import RulesError

Span = int | tuple[int, int]


def _span(
    sign: str, *, one: bool
) -> Callable[[click.Context, click.Parameter, str | None], Span | None]:
    """A callback that reads two whole numbers with a sign between them; or, with `one`, one."""

    def read(_: click.Context, __: click.Parameter, value: str | None) -> Span | None:
        if value is None:
            return None
        parts = [part.strip() for part in value.split(sign)]
        numbers = [int(it) for it in parts if it.isascii() and it.isdigit() and len(it) <= 60]
        if len(numbers) == len(parts) == 2:
            return numbers[0], numbers[1]
        if len(numbers) == len(parts) == 1 and one:
            return numbers[0]
        example = "11 or 4-6" if one else "0:100"
        raise click.BadParameter(f"{value!r} is not of the form {example}.")

    return read


group = click.option(
    "--group",
    type=click.Choice(["gap", "row", "digit"]),
    default="gap",
    show_default=True,
    help="Which digits are one number: those of a row that no wide gap parts; the whole row; "
    "each digit alone.",
)

_OPTIONS = (
    click.option(
        "--length",
        callback=_span("-", one=True),
        metavar="N|MIN-MAX",
        help="How many digits a number has: 11, or 4-6.",
    ),
    click.option(
        "--pattern",
        metavar="PATTERN",
        help=r"What it is like, as '\d{4}-\d{2}': digits, \d, [0-9], marks, (...), |, ?, *, +, "
        "{m,n}; marks need not be on the paper.",
    ),
    click.option(
        "--checksum",
        type=click.Choice(["luhn", "ean13", "mod97"]),
        help="Which check digits it has.",
    ),
    click.option(
        "--range",
        "between",
        callback=_span(":", one=False),
        metavar="MIN:MAX",
        help="The values it may have: 0:100.",
    ),
)


def rules(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the four options, and what they ask together as its parameter `rules`."""

    @functools.wraps(command)
    def wrapped(
        *args: Any,
        length: Span | None,
        pattern: str | None,
        checksum: Any,
        between: tuple[int, int] | None,
        **others: Any,
    ) -> Any:
        from inkdigits.rules import Rules

        try:
            asked = Rules(length, pattern, checksum, between)
        except RulesError as error:
            raise click.UsageError(str(error)) from None
        return command(*args, rules=asked, **others)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped
