"""A digit reader whose answers are known beforehand, and which remembers what it was shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inkdigits.model import ModelInfo


@dataclass
class StandIn:
    """Answers the given logits (N, 10) in order, over and over."""

    answers: NDArray[np.float32]
    temperature: float = 1.0
    accept: float = 0.5
    shown: list[NDArray[np.float32]] = field(default_factory=list)

    @property
    def info(self) -> ModelInfo:
        return ModelInfo(
            "stand-in", "7", self.temperature, self.accept, None, "ab" * 32, Path("stand-in.onnx")
        )

    def logits(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        start = sum(map(len, self.shown))
        self.shown.append(x)
        return self.answers[np.arange(start, start + len(x)) % len(self.answers)]


def sure_of(guesses: list[int], logit: float = 5.0) -> NDArray[np.float32]:
    """Logits (N, 10) that name each guess, alike sure of each."""
    answers = np.zeros((len(guesses), 10), np.float32)
    answers[np.arange(len(guesses)), guesses] = logit
    return answers
