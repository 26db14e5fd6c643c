"""Readings of one frame after another -> numbers that hold still.

In: a `Reading` a frame, in order. Out: `Sighting`: each number that was read often enough, with the
text that most frames speak for. Knows boxes, texts and probabilities; nothing of pictures, cameras
or clocks.

A frame is one look at the same ink, and looks at the same ink err together: what they say of a text
is averaged, not multiplied (a linear opinion pool: Stone, 1961), so that a hundred doubtful looks
are still doubtful.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from inkdigits.results import Box, Number, Reading

#: Frames that have a vote; times that a text must have been the likeliest before it is shown, and
#: frames for which another must lead before it takes its place; frames in a row without a number
#: until it is gone.
WINDOW, ENOUGH, PATIENCE = 12, 3, 5
#: A number whose box is so close to the picture's edge, in parts of its longer side, is cut off.
EDGE = 0.004
#: How far a number moves between two frames at most, in heights of it; and if it reads the same.
REACH, REACH_SAME = 1.0, 4.0


@dataclass(frozen=True)
class Sighting:
    """A number that was seen in several frames.

    Attributes:
        key: tells it from the others, from 1; stays with it while it is followed.
        text: what most of the latest frames speak for.
        confidence: the mean probability of `text` over the latest frames that saw the number; one
            that read something else counts with what it left for `text`.
        accepted: whether to act on `text`: most of the latest frames that read it so accepted it,
            and it is more likely than all others together.
        box: where it was seen last, in pixels of the frame.
        frames: how many frames saw it.
        missed: for how many frames it has not been seen; 0 where the latest frame saw it.
    """

    key: int
    text: str
    confidence: float
    accepted: bool
    box: Box
    frames: int
    missed: int = 0

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict."""
        return asdict(self)

    def to_number(self) -> Number:
        """As a number without its single digits, to be drawn."""
        reason: Literal["unsure"] | None = None if self.accepted else "unsure"
        candidates = ((self.text, self.confidence),)
        return Number(self.text, self.confidence, self.accepted, reason, self.box, (), candidates)


@dataclass
class _Track:
    """One number as it is followed; `votes` holds `None` for a frame that did not show it whole."""

    key: int
    votes: deque[Number | None]
    last: Number
    whole: Number | None = None  # how it was last seen whole
    frames: int = 0
    missed: int = 0
    shown: str | None = None
    led: int = 0  # frames for which another text than the one shown has led

    def see(self, number: Number | None, *, cut: bool = False) -> None:
        self.votes.append(None if cut else number)
        if number is None:
            self.missed += 1
            return
        self.last, self.missed, self.frames = number, 0, self.frames + 1
        if not cut:
            self.whole = number

    def settle(self, enough: int) -> None:
        """Choose the text to show, if any."""
        looks = self._looks
        if not looks:
            return
        leader = max({number.text for number in looks}, key=self.share)
        firsts = sum(number.text == leader for number in looks)
        if self.shown is None:
            if firsts >= enough and 2 * len(looks) >= len(self.votes):
                self.shown = leader
            return
        ahead = leader != self.shown and self.share(leader) > self.share(self.shown)
        self.led = self.led + 1 if ahead else 0
        if self.led >= enough and firsts >= enough:
            self.shown, self.led = leader, 0

    def share(self, text: str) -> float:
        """The mean probability of a text over the frames that showed the number whole."""
        looks = self._looks
        return min(sum(_probability(number, text) for number in looks) / len(looks), 1.0)

    def sighting(self, text: str) -> Sighting:
        takes = [number.accepted for number in self._looks if number.text == text]
        share = self.share(text)
        accepted = 2 * sum(takes) > len(takes) and share > 0.5
        return Sighting(self.key, text, share, accepted, self.last.box, self.frames, self.missed)

    @property
    def _looks(self) -> list[Number]:
        # it may be out of sight for longer than the window: then its last whole look remains
        looks = [number for number in self.votes if number is not None]
        return looks or ([] if self.whole is None else [self.whole])


class Steady:
    """Follows numbers from frame to frame. Not for several threads at once."""

    def __init__(
        self, *, window: int = WINDOW, enough: int = ENOUGH, patience: int = PATIENCE
    ) -> None:
        """Begin with nothing seen.

        Args:
            window: frames that have a vote.
            enough: how often a text must have been the likeliest before it is shown, and for how
                many frames another must lead before it takes its place; at most `window`.
            patience: frames in a row without a number that it outlives.
        """
        self._window, self._enough, self._patience = window, min(enough, window), patience
        self._tracks: list[_Track] = []
        self._last_key = 0

    def update(self, reading: Reading) -> tuple[Sighting, ...]:
        """Take in the next frame; what is shown from now on, in reading order.

        What a frame shows of a number at its very edge is followed, but has no vote: it may be a
        part of the number only.
        """
        pairs = _matched(self._tracks, reading.numbers)
        for index, track in enumerate(self._tracks):
            number = pairs.get(index)
            track.see(number, cut=number is not None and _is_cut(number.box, reading))
        taken = {id(number) for number in pairs.values()}
        self._tracks = [track for track in self._tracks if track.missed <= self._patience]
        for number in reading.numbers:
            if id(number) not in taken:
                self._last_key += 1
                track = _Track(self._last_key, deque(maxlen=self._window), number)
                track.see(number, cut=_is_cut(number.box, reading))
                self._tracks.append(track)
        for track in self._tracks:
            track.settle(self._enough)
        ordered = sorted(self._tracks, key=lambda it: (it.last.line, it.last.box.x))
        return tuple(it.sighting(it.shown) for it in ordered if it.shown is not None)


def _is_cut(box: Box, reading: Reading) -> bool:
    """Whether a part of it may be out of the picture."""
    edge = max(1.0, EDGE * max(reading.width, reading.height))
    right, bottom = reading.width - box.x - box.width, reading.height - box.y - box.height
    return min(box.x, box.y, right, bottom) < edge


def _probability(number: Number, text: str) -> float:
    if number.text == text:
        return number.confidence
    return next((share for candidate, share in number.candidates if candidate == text), 0.0)


def _matched(tracks: Sequence[_Track], numbers: Sequence[Number]) -> dict[int, Number]:
    """Which number goes on with which track: the closest pairs first, each taken once."""
    pairs = [
        (score, i, j)
        for i, track in enumerate(tracks)
        for j, number in enumerate(numbers)
        if (score := _closeness(track, number)) > 0
    ]
    answer: dict[int, Number] = {}
    taken: set[int] = set()
    for _, i, j in sorted(pairs, key=lambda pair: -pair[0]):
        if i not in answer and j not in taken:
            answer[i] = numbers[j]
            taken.add(j)
    return answer


def _closeness(track: _Track, number: Number) -> float:
    """Above 0 where they may be one; 1 to 2 where their boxes overlap, else below 1."""
    one, other = track.last.box, number.box
    across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    if across > 0 and down > 0:
        both = across * down
        return 1 + both / (one.width * one.height + other.width * other.height - both)
    same = number.text in (track.shown, track.last.text)
    reach = (REACH_SAME if same else REACH) * max(one.height, other.height)
    dx = one.x + one.width / 2 - other.x - other.width / 2
    dy = one.y + one.height / 2 - other.y - other.height / 2
    return 1 - float((dx * dx + dy * dy) ** 0.5) / reach
