"""From a row of writing to a number: strip, columns, places, digits, text.

In: a `Row`. Out: a `Number`. Knows the order of the steps; where rows are is `layout`'s business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from inkdigits import decode, opinion, parting, preprocess, spelling, strip, views
from inkdigits.line import STRIDE, LineModel
from inkdigits.model import DigitModel
from inkdigits.parting import Part
from inkdigits.results import Box, Number, Prediction, Separator
from inkdigits.rows import Row
from inkdigits.rules import Rules
from inkdigits.spelling import Place
from inkdigits.strip import Strip

#: Texts that are kept beside the best.
CANDIDATES = 3
#: Marks that are kept beside the digits.
SEPARATORS: dict[str, Literal[".", ",", "-"]] = {".": ".", ",": ",", "-": "-"}
#: A row that is less sure is looked at again, from several sides.
SURE = 0.97


#: From the image of a digit to all that it is looked at as.
Views = Callable[[NDArray[np.float32]], Sequence[NDArray[np.float32]]]


@dataclass(frozen=True)
class _Seen:
    """A place, its ink, and what the model was shown of it, (28, 28)."""

    place: Place
    part: Part | None
    digit: NDArray[np.float32] | None = None


class Reader:
    """Reads rows with two networks: one sees the row, the other each digit in it."""

    def __init__(self, digits: DigitModel, line: LineModel) -> None:
        self._digits = digits
        self._line = line
        self.name = f"{line.info.name}+{digits.info.name}"
        self.version = f"{line.info.version}+{digits.info.version}"

    def read(self, row: Row, rules: Rules, line: int = 0) -> Number | None:
        """The number of a row, or `None` where it shows none.

        Args:
            row: its ink.
            rules: what the text must satisfy.
            line: the number of its line on the page.
        """
        shown = strip.normalise(row.ink)
        if shown is None:
            return None
        looks = self._looks([shown.pixels])
        seen = self._seen(row, shown, looks, lambda digit: [digit])
        if spelling.likeliest([it.place for it in seen])[1] < SURE:
            looks += self._looks(views.of_row(shown.pixels)[1:])
            seen = self._seen(row, shown, looks, views.of_digit)
        if not opinion.is_number([it.place for it in seen]):
            return None
        slots = np.stack([it.place.slot for it in seen])
        freely = Rules().best(slots, CANDIDATES)
        found = rules.best(slots, CANDIDATES) if rules.any else freely
        texts = found or freely
        text, sure = texts[0]
        digits = "".join(filter(str.isdigit, text))
        if not digits:
            return None
        chosen = spelling.aligned([it.place for it in seen], digits)
        reason: Literal["unsure", "no_fit"] | None = None
        if not found:
            reason = "no_fit"
        elif sure < self._line.info.accept_threshold or _broken(seen, chosen):
            reason = "unsure"
        return Number(
            text,
            sure,
            reason is None,
            reason,
            _around([part.glyph.box for k in chosen if (part := seen[k].part)], row.box),
            tuple(self._prediction(seen[k], int(d)) for k, d in zip(chosen, digits, strict=True)),
            tuple(texts),
            _separators(seen, chosen, row.box),
            line,
        )

    def _looks(self, strips: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float64]]:
        """What the reader of rows sees in each column of each strip, calibrated."""
        temperature = self._line.info.temperature
        return [spelling.shares(logits, temperature) for logits in self._line.logits(strips)]

    def _seen(
        self, row: Row, shown: Strip, looks: Sequence[NDArray[np.float64]], viewed: Views
    ) -> list[_Seen]:
        """The places of a row, by the mean of several looks at it and at each digit."""
        places = spelling.places(np.mean(looks, axis=0))
        return self._second_opinion(_parted(row, shown, places), viewed)

    def _second_opinion(self, seen: list[_Seen], viewed: Views) -> list[_Seen]:
        """Ask the reader of single digits about the ink of each place."""
        parts = [(k, it.part) for k, it in enumerate(seen) if it.part is not None]
        if not parts:
            return seen
        digits = [preprocess.normalise(part.glyph) for _, part in parts]
        looks = np.stack([viewed(digit) for digit in digits])
        logits = self._digits.logits(looks.reshape(-1, *digits[0].shape, 1))
        shares = decode.softmax(logits, self._digits.info.temperature)
        chances = 1 / (1 + np.exp(-decode.energy_score(logits)))
        mean = (it.reshape(*looks.shape[:2], -1).mean(axis=1) for it in (shares, chances))
        answer = list(seen)
        marks = [it.place.mark for it in seen]
        for (k, part), digit, share, (chance,) in zip(parts, digits, *mean, strict=True):
            if part.alone:
                least = opinion.least(marks[:k] + marks[k + 1 :])
                place = opinion.agreed(seen[k].place, share, float(chance), least)
            else:
                place = opinion.agreed_on_cut(seen[k].place, share, float(chance))
            answer[k] = replace(seen[k], place=place, digit=digit)
        return answer

    def _prediction(self, seen: _Seen, digit: int) -> Prediction:
        place, part = seen.place, seen.part
        whole = place.digits.sum()
        shares = place.digits / whole if whole > 0 else np.full(10, 0.1)
        confidence = float(place.digits[digit])
        accepted = confidence >= self._line.info.accept_threshold
        return Prediction(
            digit,
            confidence,
            tuple(shares.tolist()),
            accepted,
            None if accepted else "unsure",
            self.name,
            self.version,
            None if part is None else part.glyph.box,
            seen=None if seen.digit is None else np.round(seen.digit * 255).astype(np.uint8),
        )


def _parted(row: Row, shown: Strip, places: list[Place]) -> list[_Seen]:
    """The places with their ink; where a tall mark was overlooked, there is a place too."""
    places = [opinion.expected(place) for place in places]
    surely = [shown.where(place.column * STRIDE) for place in places if place.nothing < 0.5]
    for start, end in parting.overlooked(row, surely):
        inside = [p for p in places if start <= shown.where(p.column * STRIDE) <= end]
        places = [p for p in places if p not in inside]
        places.append(opinion.still_there(shown.column((start + end) / 2) / STRIDE, inside))
    places.sort(key=lambda place: place.column)
    parts = parting.part(row, [shown.where(place.column * STRIDE) for place in places])
    return [_Seen(place, part) for place, part in zip(places, parts, strict=True)]


def _broken(seen: Sequence[_Seen], chosen: Sequence[int]) -> bool:
    """Whether something that is neither digit nor mark stands between the digits of a number."""
    between = set(range(chosen[0], chosen[-1])) - set(chosen)
    return any(seen[k].place.mark == "?" for k in between)


def _separators(seen: Sequence[_Seen], chosen: Sequence[int], box: Box) -> tuple[Separator, ...]:
    found = []
    for k, it in enumerate(seen):
        mark = SEPARATORS.get(it.place.mark or "")
        if k not in chosen and mark is not None:
            after = sum(place < k for place in chosen)
            where = box if it.part is None else it.part.glyph.box
            found.append(Separator(mark, after, where))
    return tuple(found)


def _around(boxes: Sequence[Box], otherwise: Box) -> Box:
    if not boxes:
        return otherwise
    x, y = min(box.x for box in boxes), min(box.y for box in boxes)
    right, bottom = max(b.x + b.width for b in boxes), max(b.y + b.height for b in boxes)
    return Box(x, y, right - x, bottom - y)
