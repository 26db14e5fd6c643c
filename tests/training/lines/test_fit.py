from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

pytest.importorskip("keras")

from inkdigits import line, spelling
from inkdigits.cli import cli
from inkdigits.data.digits import Digits
from inkdigits.errors import InkdigitsError
from inkdigits.line import LineModel
from inkdigits.training.lines import composing, export, fit, network
from inkdigits.training.lines.composing import Rows
from inkdigits.training.sources import Sources

WEIGHTS = Path(__file__).parents[3] / "weights"
pytestmark = pytest.mark.keras


def plain(count: int = 256, wide: int = 64) -> Rows:
    """Rows that are easy to tell apart: a broad bar is a 0, a fine one a 1."""
    rng = np.random.default_rng(0)
    pixels, widths, texts = [], [], []
    for _ in range(count):
        text = "".join(rng.choice(["0", "1"], 3))
        strip = np.zeros((32, wide), np.uint8)
        for place, digit in enumerate(text):
            x = 8 + 18 * place
            strip[6:26, x : x + (9 if digit == "0" else 2)] = 255
        pixels.append(strip.ravel())
        widths.append(wide)
        texts.append(text)
    return Rows(np.concatenate(pixels), np.array(widths), np.array(texts))


def test_the_network_answers_every_second_column() -> None:
    reader = network.line()
    answer = reader(np.zeros((2, 32, 72, 1), np.float32))
    assert tuple(answer.shape) == (2, 36, line.CLASSES)
    assert reader.count_params() == 457_519


def test_a_digit_reader_gives_its_trunk() -> None:
    import keras

    reader = network.line()
    network.begin(reader, WEIGHTS / "standard.keras")
    digits = keras.models.load_model(WEIGHTS / "standard.keras", compile=False)
    for name in ("stem", "block2_conv1", "block3_conv2_bn"):
        for mine, theirs in zip(
            reader.get_layer(name).get_weights(), digits.get_layer(name).get_weights(), strict=True
        ):
            assert np.array_equal(mine, theirs)
    with pytest.raises(InkdigitsError, match="neither"):
        network.begin(reader, WEIGHTS / "nano.keras")
    with pytest.raises(InkdigitsError, match="no line reader"):
        network.load(WEIGHTS / "nano.keras")


def test_batches_hold_every_row_once_and_pad_with_paper(make_digits: Callable[..., Digits]) -> None:
    rows = composing.compose(Sources(make_digits(60, 1), {}), 3, 0, 40)
    batches = fit.Batches(rows, fit.Course())
    assert sorted(k for group in batches.groups for k in group) == list(range(40))
    strips, classes = batches[0]
    assert strips.shape[1:] == (32, strips.shape[2], 1)
    assert strips.shape[2] % fit.ALIGNED == 0
    assert classes.shape[0] == len(strips)
    before = [list(group) for group in batches.groups]
    batches.on_epoch_end()
    assert [list(group) for group in batches.groups] != before


def test_statistics_are_those_of_what_is_read() -> None:
    import keras

    rows = plain(64)
    batches = fit.Batches(rows, fit.Course())
    reader = keras.Sequential([keras.Input((32, None, 1)), keras.layers.BatchNormalization()])
    fit.restate(reader, batches)
    seen = [batches[k][0] for k in range(len(batches))]
    mean = np.mean([strips.mean() for strips in seen])
    assert reader.layers[0].get_weights()[2] == pytest.approx(mean, rel=1e-3)
    assert reader.layers[0].momentum == 0.99


def test_strips_of_any_width_are_on_a_card(tmp_path: Path) -> None:
    reader = network.line()
    network.begin(reader, WEIGHTS / "line.keras")
    path = export.export(reader, plain(8, wide=67), tmp_path, name="odd", version="1", about={})
    assert LineModel.load(path).info.name == "odd"


def test_what_is_easy_is_learnt_and_exported(tmp_path: Path) -> None:
    rows, told = plain(), []
    reader = network.line()
    network.begin(reader, WEIGHTS / "standard.keras")
    course = fit.Course(epochs=30, learning_rate=2e-3)
    fit.fit(reader, rows, course, lambda epoch, _, figures: told.append((epoch, figures["loss"])))
    assert [epoch for epoch, _ in told] == list(range(1, 31))
    assert told[-1][1] < 0.2 * told[0][1]
    assert fit.right(fit.greedy(reader, rows), rows.texts) > 0.9

    path = export.export(reader, rows, tmp_path, name="tiny", version="3", about={"made": "here"})
    model = LineModel.load(path)
    assert (model.info.name, model.info.version) == ("tiny", "3")
    strips = [strip.astype(np.float32) / np.float32(255) for strip in rows]
    read = [
        spelling.likeliest(spelling.places(spelling.shares(one)))[0] for one in model.logits(strips)
    ]
    assert np.mean([a == b for a, b in zip(read, rows.texts, strict=True)]) > 0.9
    card = json.loads(path.with_suffix(".json").read_text())
    assert card["made"] == "here"
    assert card["calibration"]["right"] > 0.9


def test_a_blend_lies_between_and_has_statistics_of_its_own(tmp_path: Path) -> None:
    rows = plain(64)
    start, end = network.line(), network.line()
    start.save(tmp_path / "start.keras")
    end.save(tmp_path / "end.keras")
    rows.save(tmp_path / "rows.npz")
    files = [str(tmp_path / name) for name in ("start.keras", "end.keras")]
    args = ["line", "blend", *files, "--rows", str(tmp_path / "rows.npz"), "--share", "0.25"]
    done = CliRunner().invoke(cli, [*args, "--out", str(tmp_path / "mixed.keras")])
    assert done.exit_code == 0, done.output
    mixed = network.load(tmp_path / "mixed.keras")
    one, other, between = (it.get_layer("collapse").get_weights()[0] for it in (start, end, mixed))
    np.testing.assert_allclose(between, 0.75 * one + 0.25 * other, atol=1e-6)
    gamma, beta, mean, variance = mixed.get_layer("collapse_bn").get_weights()
    assert (gamma == 1).all()
    assert (beta == 0).all()
    assert np.abs(mean).max() > 0
    assert np.abs(variance - 1).max() > 0.01
    again = CliRunner().invoke(cli, [*args, "--out", str(tmp_path / "mixed.keras")])
    assert "already there" in str(again.exception)
