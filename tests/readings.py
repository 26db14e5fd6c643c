"""Readings made by hand."""

from __future__ import annotations

from inkdigits.results import Box, Number, Prediction, Reading

#: Width and height of a digit of `number`, pixels.
WIDE, HIGH = 20, 30


def number(
    text: str,
    confidence: float = 0.9,
    *,
    at: tuple[int, int] = (10, 10),
    line: int = 0,
    accepted: bool | None = None,
    others: dict[str, float] | None = None,
) -> Number:
    """A number whose digits stand side by side from a left top corner."""
    x, y = at
    sure = confidence >= 0.5 if accepted is None else accepted
    digits = tuple(
        Prediction(
            int(sign),
            confidence,
            tuple(confidence if d == int(sign) else (1 - confidence) / 9 for d in range(10)),
            sure,
            None if sure else "unsure",
            "made",
            "0",
            Box(x + WIDE * k, y, WIDE - 4, HIGH),
        )
        for k, sign in enumerate(text)
    )
    return Number(
        text,
        confidence,
        sure,
        None if sure else "unsure",
        Box(x, y, WIDE * len(text) - 4, HIGH),
        digits,
        ((text, confidence), *(others or {}).items()),
        line=line,
    )


def reading(*numbers: Number, width: int = 640, height: int = 480) -> Reading:
    """A reading of these numbers."""
    return Reading(numbers, width, height, "made", "0")
