"""From a row of writing to a number: strip, columns, places, digits, text.

In: a `Row`. Out: a `Number`. Knows the order of the steps; where rows are is `layout`'s business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from inkdigits import decode, parting, preprocess, spelling, strip
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
#: A row is a number when at least this share of what stands in it is digits, points aside.
MOSTLY = 0.75
#: And when they are digits at all, whichever, with this probability on (geometric) average.
SURELY = 0.8
#: Marks that are kept beside the digits.
SEPARATORS: dict[str, Literal[".", ",", "-"]] = {".": ".", ",": ",", "-": "-"}
#: A row that is less sure is looked at again in variants, which lean by so many columns a row.
SURE, LEAN = 0.97, 0.12
#: How much rarer something else is than where the reader of rows was taught.
ELSE = 0.01
#: A tall mark in which it saw nothing is a digit with this probability, and nothing with that.
STILL, NOTHING = 0.8, 0.1
#: The least that either reader is believed to grant: a digit by the row's, by the single digit's,
#: and that it is, or is not, one.
LEAST_LINE, LEAST_SHARE, LEAST_DIGIT = 1e-3, 1e-5, 1e-4
#: The least that it is one where so many digits, and little else, stand around: some forms are
#: digits among digits only (`wild.rowforms`).
LEAST_AMONG, CROWD = 0.5, 2


@dataclass(frozen=True)
class _Seen:
    """A place, its ink, and what the model was shown of it, (28, 28)."""

    place: Place
    part: Part | None
    digit: NDArray[np.float32] | None = None


class Reader:
    """Reads rows with two networks: one sees the row, the other each digit that stands alone."""

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
        seen = self._seen(row, shown, looks)
        if spelling.likeliest([it.place for it in seen])[1] < SURE:
            seen = self._seen(row, shown, looks + self._looks(_variants(shown.pixels)))
        if not _is_number([it.place for it in seen]):
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

    def _seen(self, row: Row, shown: Strip, looks: Sequence[NDArray[np.float64]]) -> list[_Seen]:
        """The places of a row, by the mean of several looks at it."""
        places = spelling.places(np.mean(looks, axis=0))
        return self._second_opinion(_parted(row, shown, places))

    def _second_opinion(self, seen: list[_Seen]) -> list[_Seen]:
        """Ask the reader of single digits about all that stand alone."""
        asked, shown = [], []
        for k, it in enumerate(seen):
            if it.part is not None and it.part.alone:
                asked.append(k)
                shown.append(preprocess.normalise(it.part.glyph))
        if not asked:
            return seen
        logits = self._digits.logits(np.stack(shown)[..., None])
        shares = decode.softmax(logits, self._digits.info.temperature)
        digitness = 1 / (1 + np.exp(-decode.energy_score(logits)))
        answer = list(seen)
        marks = [it.place.mark for it in seen]
        for k, digit, share, chance in zip(asked, shown, shares, digitness, strict=True):
            least = LEAST_AMONG if _among_digits(marks[:k] + marks[k + 1 :]) else LEAST_DIGIT
            place = _agreed(seen[k].place, share, float(chance), least)
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


def _variants(strip: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """The strip leaning a little to either side, and a little higher and lower."""
    height, width = strip.shape
    answer = []
    for lean, drop in ((LEAN, 0), (-LEAN, 0), (0, 1), (0, -1)):
        there = np.array([[1, lean, -lean * (height - 1) / 2], [0, 1, drop]], np.float64)
        answer.append(np.asarray(cv2.warpAffine(strip, there, (width, height)), np.float32))
    return answer


def _is_number(places: Sequence[Place]) -> bool:
    """Whether what stands there are digits: mostly, and those that seem to be, surely."""
    marks = [place.mark for place in places]
    digits = [place.digits.sum() for place, mark in zip(places, marks, strict=True) if _digit(mark)]
    if not digits or len(digits) < MOSTLY * (len(digits) + marks.count("?")):
        return False
    return float(np.exp(np.log(digits).mean())) >= SURELY


def _digit(mark: str | None) -> bool:
    return mark is not None and mark.isdigit()


def _among_digits(others: Sequence[str | None]) -> bool:
    """Whether a mark stands in a number, by what else is in its row."""
    digits = sum(map(_digit, others))
    return digits >= CROWD and digits >= MOSTLY * (digits + others.count("?"))


def _agreed(place: Place, shares: NDArray[np.float64], chance: float, least: float) -> Place:
    """A place by both opinions: their product, as of experts who judge independently.

    Hinton, "Training Products of Experts by Minimizing Contrastive Divergence", 2002. Neither is
    believed to be quite sure.

    Args:
        place: by the reader of rows.
        shares: (10,) by the reader of single digits, if it is one.
        chance: that it is one.
        least: the least that is believed of this.
    """
    # which digit it is, it can tell as far as it takes it for one
    shares = chance * shares + (1 - chance) / 10
    chance = min(max(chance, least), 1 - LEAST_DIGIT)
    digits = np.maximum(place.digits, LEAST_LINE) * np.maximum(shares, LEAST_SHARE) * chance
    others = np.maximum(np.append(place.marks, place.nothing), LEAST_LINE / 5) * (1 - chance)
    total = digits.sum() + others.sum()
    return replace(
        place, digits=digits / total, marks=others[:-1] / total, nothing=float(others[-1] / total)
    )


def _parted(row: Row, shown: Strip, places: list[Place]) -> list[_Seen]:
    """The places with their ink; where a tall mark was overlooked, there is a place too."""
    places = [_expected(place) for place in places]
    surely = [shown.where(place.column * STRIDE) for place in places if place.nothing < 0.5]
    for start, end in parting.overlooked(row, surely):
        inside = [p for p in places if start <= shown.where(p.column * STRIDE) <= end]
        places = [p for p in places if p not in inside]
        places.append(_overlooked(shown.column((start + end) / 2) / STRIDE, inside))
    places.sort(key=lambda place: place.column)
    parts = parting.part(row, [shown.where(place.column * STRIDE) for place in places])
    return [_Seen(place, part) for place, part in zip(places, parts, strict=True)]


def _expected(place: Place) -> Place:
    """The place where digits are expected, and something else is rarer than in training."""
    marks = place.marks * np.array([1, 1, 1, ELSE])
    total = place.digits.sum() + marks.sum() + place.nothing
    return replace(
        place, digits=place.digits / total, marks=marks / total, nothing=place.nothing / total
    )


def _overlooked(column: float, faint: Sequence[Place]) -> Place:
    """The place of a tall mark, in which the reader of rows saw nothing, or faintly something."""
    digits = 0.01 + sum((place.digits for place in faint), np.zeros(10))
    nothing, other = NOTHING, 1 - NOTHING - STILL
    return Place(column, STILL * digits / digits.sum(), nothing, np.array([0, 0, 0, other]))


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
