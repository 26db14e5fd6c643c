from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from inkdigits import ArrayError, CoverageError, InkdigitsError, Recognizer
from inkdigits.cli import shifting
from inkdigits.model import BATCH, Model, ModelInfo
from inkdigits.shifts import MOST, Shifted, shifted
from tests.pictures import drawing

Floats = NDArray[np.float32]
WEIGHTS = np.random.default_rng(0).normal(0, 0.1, (784, 10)).astype(np.float32)


@dataclass
class Witness:
    """Answers ten numbers that depend on every pixel, not linearly; remembers what it saw."""

    shown: list[Floats] = field(default_factory=list)
    coverage: tuple[tuple[float, float], ...] = ()

    @property
    def info(self) -> ModelInfo:
        file = Path("witness.onnx")
        return ModelInfo("witness", "7", 1.5, 0.8, -2.0, "ab" * 32, file, self.coverage)

    def logits(self, x: Floats) -> Floats:
        self.shown.append(x.copy())
        return answer(x)


def answer(x: Floats) -> Floats:
    logits: Floats = np.tanh(x.reshape(-1, 784) @ WEIGHTS) * np.float32(9)
    return logits


def moved(image: Floats, down: int, right: int) -> Floats:
    """One image moved pixel by pixel, 0 where nothing came from."""
    result = np.zeros_like(image)
    for y in range(28):
        for x in range(28):
            if 0 <= y - down < 28 and 0 <= x - right < 28:
                result[y, x] = image[y - down, x - right]
    return result


def batch(count: int, seed: int = 0) -> Floats:
    """Noise up to the very edge."""
    return np.random.default_rng(seed).random((count, 28, 28, 1), np.float32)


@given(seed=st.integers(0, 2**32 - 1), reach=st.integers(0, MOST), spare=st.integers(0, 9))
@settings(max_examples=30, deadline=None)
def test_within_the_margin_nothing_is_lost(seed: int, reach: int, spare: int) -> None:
    margin, image = reach + spare, np.zeros((1, 28, 28, 1), np.float32)
    inside = slice(margin, 28 - margin)
    image[:, inside, inside] = batch(1, seed)[:, inside, inside]
    witness = Witness()
    Shifted(witness, reach).logits(image)
    seen = {each.tobytes() for each in np.concatenate(witness.shown)}
    span = range(-reach, reach + 1)
    # nothing leaves the frame, so what goes round comes in empty
    expected = {np.roll(image[0], (y, x), (0, 1)).tobytes() for y in span for x in span}
    assert seen == expected
    assert len(seen) == (2 * reach + 1) ** 2


@given(seed=st.integers(0, 2**32 - 1), reach=st.integers(1, MOST))
@settings(max_examples=10, deadline=None)
def test_it_is_the_mean_of_a_plain_loop(seed: int, reach: int) -> None:
    images, span = batch(2, seed), range(-reach, reach + 1)
    expected = np.zeros((2, 10))
    for number, image in enumerate(images):
        rows = [answer(moved(image, y, x)[None])[0] for y in span for x in span]
        expected[number] = np.mean(rows, axis=0, dtype=np.float64)
    logits = Shifted(Witness(), reach).logits(images)
    assert logits.dtype == np.float32
    np.testing.assert_allclose(logits, expected, atol=1e-5)


def test_a_large_batch_goes_in_parts_and_reads_alike() -> None:
    images, witness = batch(BATCH + 5), Witness()
    logits = Shifted(witness).logits(images)
    assert logits.shape == (BATCH + 5, 10)
    assert [len(part) for part in witness.shown] == [BATCH] * 9 + [5] * 9
    for place in (0, BATCH - 1, BATCH, BATCH + 4):
        alone = Shifted(Witness()).logits(images[place : place + 1])[0]
        np.testing.assert_allclose(logits[place], alone, atol=1e-5)


def test_an_empty_batch_gives_an_empty_answer() -> None:
    assert Shifted(Witness(), 2).logits(batch(0)).shape == (0, 10)


@pytest.mark.parametrize("shape", [(), (28, 28), (2, 28, 28), (2, 30, 30, 1), (0, 784)])
def test_another_shape_is_refused_as_the_model_refuses_it(shape: tuple[int, ...]) -> None:
    with pytest.raises(ArrayError, match="A batch of digits is"):
        Shifted(Witness()).logits(np.zeros(shape, np.float32))


def test_without_a_reach_it_is_the_model() -> None:
    witness, images = Witness(), batch(3)
    assert shifted(witness, 0) is witness
    assert Shifted(witness, 0).info == witness.info
    np.testing.assert_array_equal(Shifted(witness, 0).logits(images), answer(images))


def test_the_version_tells() -> None:
    info, plain = Shifted(Witness(), 2).info, Witness().info
    assert (info.name, info.version) == ("witness", "7+shifts2")
    assert (info.temperature, info.energy_threshold) == (plain.temperature, plain.energy_threshold)
    assert info.sha256 == plain.sha256


def test_no_coverage_is_promised_of_shifted_readings() -> None:
    witness = Witness(coverage=((0.9, 0.5),))
    assert Shifted(witness, 0).info.coverage == ((0.9, 0.5),)
    assert Shifted(witness, 1).info.coverage == ()
    with pytest.raises(CoverageError, match=r"witness 7\+shifts1 promises no coverage"):
        Recognizer(Shifted(witness, 1)).classify(drawing(7), coverage=0.9)


@pytest.mark.parametrize("reach", [-1, MOST + 1, 1.0, 0.0, True, False, "1", None, 10**9])
def test_a_bad_reach_is_one_sentence(reach: object) -> None:
    for wrap in (Shifted, shifted):
        with pytest.raises(InkdigitsError, match=f"0 to {MOST} whole pixels, not by {reach!r}"):
            wrap(Witness(), reach)  # type: ignore[arg-type]
    with pytest.raises(InkdigitsError, match="whole pixels"):
        Recognizer.load(shifts=reach)  # type: ignore[arg-type]


def test_the_recogniser_reads_with_shifts_only_when_asked() -> None:
    plain, asked = Recognizer.load(), Recognizer.load(shifts=1)
    assert asked.version == f"{plain.version}+shifts1"
    prediction = asked.classify(drawing(7))
    assert (prediction.digit, prediction.accepted) == (7, True)
    assert prediction.to_dict()["model"]["version"] == asked.version
    ours = Shifted(Model.load()).logits(batch(2))
    assert not np.allclose(ours, Model.load().logits(batch(2)), atol=1e-3)
    scaled = ours.astype(np.float64) / Model.load().info.temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    expected = powers / powers.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(asked.predict_proba(batch(2)[..., 0]), expected, atol=1e-6)


def test_the_command_line_knows_the_same_limit() -> None:
    @shifting.option
    def command() -> None: ...

    (option,) = command.__click_params__  # type: ignore[attr-defined]
    assert (option.type.min, option.type.max, option.default) == (0, MOST, 0)
