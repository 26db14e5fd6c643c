from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkdigits import ModelError
from inkdigits.data.digits import Digits
from inkdigits.model import Model
from tests.training import linear

pytestmark = pytest.mark.keras

IMAGES = np.random.default_rng(1).random((5, 28, 28, 1), np.float32)
SHIPPED = Path(__file__).parents[3] / "src" / "inkdigits" / "models" / "classic.onnx"


def _members(*paths: Path) -> list[Any]:
    from inkdigits.training.exports.members import Member

    return [Member.load(str(path)) for path in paths]


def _merged(folder: Path, members: list[Any]) -> Model:
    from inkdigits.training.exports.ensemble import merge

    path = folder / "merged.onnx"
    path.write_bytes(merge(members).SerializeToString())
    return Model.load(path)


def test_the_logits_are_the_mean_of_the_scaled_logits(tmp_path: Path) -> None:
    warmth = {1: 0.5, 2: 1.0, 3: 4.0}
    paths = [
        linear.saved(tmp_path / f"{seed}.onnx", seed, temperature=t) for seed, t in warmth.items()
    ]
    logits = [Model.load(path).logits(IMAGES) for path in paths]
    expected = (logits[0] / 0.5 + logits[1] + logits[2] / 4) / 3
    got = _merged(tmp_path, _members(*paths)).logits(IMAGES)
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5)
    assert np.abs(got - np.mean(logits, axis=0)).max() > 0.1  # the temperatures matter


def test_the_graph_is_whole_and_its_names_are_its_own(tmp_path: Path) -> None:
    from inkdigits.training.exports.ensemble import merge

    members = _members(*(linear.saved(tmp_path / f"{seed}.onnx", seed) for seed in (1, 2, 3)))
    before = [member.proto.SerializeToString() for member in members]
    made = merge(members)
    graph = made.graph
    shape = [it.dim_param or it.dim_value for it in graph.input[0].type.tensor_type.shape.dim]
    assert [(it.name, shape) for it in graph.input] == [("image", ["N", 28, 28, 1])]
    assert [it.name for it in graph.output] == ["logits"]
    assert [(it.domain, it.version) for it in made.opset_import] == [("", 17)]
    names = [it.name for it in graph.node]
    tensors = [
        *("image", *(it.name for it in graph.initializer)),
        *(name for node in graph.node for name in node.output),
    ]
    assert len(names) == len(set(names)) == 3 * 4 + 1
    assert len(tensors) == len(set(tensors))
    assert merge(members).SerializeToString() == made.SerializeToString()
    assert [member.proto.SerializeToString() for member in members] == before
    turned = merge(members[::-1])
    assert turned.SerializeToString() != made.SerializeToString()


def test_an_ensemble_can_be_a_member(tmp_path: Path) -> None:
    paths = [linear.saved(tmp_path / f"{seed}.onnx", seed) for seed in (1, 2, 3)]
    inner = _merged(tmp_path, _members(*paths[:2]))
    pair = inner.info.path.rename(tmp_path / "pair.onnx")
    got = _merged(tmp_path, _members(pair, paths[2])).logits(IMAGES)
    logits = [Model.load(path).logits(IMAGES) for path in paths]
    expected = (logits[0] + logits[1]) / 4 + logits[2] / 2
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", ["float16", "int8", "dynamic"])
def test_the_shipped_model_joins_one_of_fewer_bits(kind: str, tmp_path: Path) -> None:
    import onnx

    from inkdigits.training.exports.members import tolerance
    from inkdigits.training.exports.quantisation import quantise
    from inkdigits.training.noise import hushed

    few = np.random.default_rng(2).random((100, 28, 28, 1), np.float32)
    path = tmp_path / f"{kind}.onnx"
    with hushed():
        made = quantise(onnx.load(SHIPPED), kind, images=few, scratch=tmp_path / "scratch")
    path.write_bytes(made.SerializeToString())
    members = _members(SHIPPED, path)
    temperature = members[0].model.info.temperature
    assert members[1].model.info.temperature == temperature  # metadata survives
    logits = [Model.load(it).logits(IMAGES) for it in (SHIPPED, path)]
    assert np.abs(logits[0] - logits[1]).max() > 1e-6
    got = _merged(tmp_path, members).logits(IMAGES)
    np.testing.assert_allclose(got, (logits[0] + logits[1]) / 2 / temperature, atol=1e-4)
    rounded = None if kind == "float16" else round((0.5 / temperature + 0.001) / 2, 4)
    assert tolerance(members) == rounded


def test_a_lone_member_is_refused(tmp_path: Path) -> None:
    from inkdigits.training.exports.ensemble import merge

    members = _members(linear.saved(tmp_path / "a.onnx", 1))
    for few in (members, []):
        with pytest.raises(ModelError, match=f"two members at least, not {len(few)}: give more"):
            merge(few)


def test_the_same_file_under_two_names_is_refused(tmp_path: Path) -> None:
    from inkdigits.training.exports.ensemble import merge

    paths = [linear.saved(tmp_path / name, 1) for name in ("a.onnx", "b.onnx")]
    with pytest.raises(ModelError, match=r"b\.onnx and .*a\.onnx are the same file"):
        merge(_members(*paths))


@pytest.mark.parametrize(
    ("versions", "words"),
    [
        ({"opset": 16}, r"b\.onnx has ONNX opset 16, but members must have 17: make it anew"),
        ({"ir": 9}, r"b\.onnx has ONNX IR version 9 and .*a\.onnx has 8: make both anew"),
    ],
)
def test_other_versions_of_onnx_are_refused(
    versions: dict[str, int], words: str, tmp_path: Path
) -> None:
    from inkdigits.training.exports.ensemble import merge

    one = linear.saved(tmp_path / "a.onnx", 1)
    other = linear.saved(tmp_path / "b.onnx", 2, **versions)
    with pytest.raises(ModelError, match=words):
        merge(_members(one, other))


def _answers(*right: str, sure: float = 4) -> tuple[list[Any], Any]:
    """Logits of members, each a string of what it gets right (1) and wrong (0), and the truth."""
    truth = np.arange(len(right[0])) % 10
    members = []
    for marks in right:
        wrong = np.array([mark == "0" for mark in marks])
        read = (truth + wrong) % 10
        members.append(np.eye(10, dtype=np.float32)[read] * sure)
    return members, truth


def test_the_choice_starts_with_the_best_and_takes_what_helps() -> None:
    from inkdigits.training.exports.ensemble import choose

    logits, truth = _answers("110000", "111100", "111100", "000011")
    logits[3] = logits[3] * 1.5  # it outvotes the second where it is right...
    logits[3][:4] *= 0.1  # ...and does not where it is wrong
    assert choose(logits, truth, 4)[:2] == (1, 3)
    assert choose(logits, truth, 1) == (1,)


def test_equal_errors_go_by_likelihood_and_equal_likelihood_by_order() -> None:
    from inkdigits.training.exports.ensemble import choose

    logits, truth = _answers("1111", "1111", "1111")
    logits[0] = logits[0] / 2
    assert choose(logits, truth, 1) == (1,)
    assert choose(logits, truth, 3) == (1,)  # one alike, one less sure: neither improves anything


def test_likelihood_alone_is_reason_to_go_on() -> None:
    from inkdigits.training.exports.ensemble import choose

    logits, truth = _answers("1111", "1111")
    logits[0][0] *= 0.1
    logits[1][1] *= 0.05
    assert choose(logits, truth, 2) == (0, 1)


def test_no_likelihood_makes_up_for_an_error() -> None:
    from inkdigits.training.exports.ensemble import choose

    logits, truth = _answers("1110", "1100")
    logits[0][3] *= 5  # one dreadful error against two mild ones
    logits[1][2:] *= 0.01
    assert choose(logits, truth, 1) == (0,)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 6), most=st.integers(1, 6))
def test_each_step_of_the_choice_is_the_best_there_is(seed: int, count: int, most: int) -> None:
    from inkdigits.decode import softmax
    from inkdigits.training.exports.ensemble import choose

    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 10, 30)
    logits = [rng.normal(0, 1, (30, 10)) + 2 * np.eye(10)[truth] for _ in range(count)]

    def badness(places: tuple[int, ...]) -> tuple[int, float]:
        mean = np.mean([logits[i] for i in places], axis=0)
        given_ = softmax(mean)[np.arange(30), truth]
        return int((mean.argmax(axis=1) != truth).sum()), -float(np.log(given_).mean())

    chosen = choose(logits, truth, most)
    assert 1 <= len(chosen) == len(set(chosen)) <= min(most, count)
    for end in range(1, len(chosen) + 1):
        rest = [i for i in range(count) if i not in chosen[: end - 1]]
        least = min(badness((*chosen[: end - 1], i)) for i in rest)
        assert badness(chosen[:end]) == pytest.approx(least)
        assert end == 1 or badness(chosen[:end]) < badness(chosen[: end - 1])
    if len(chosen) < min(most, count):
        rest = [i for i in range(count) if i not in chosen]
        assert all(badness((*chosen, i)) >= badness(chosen) for i in rest)


@pytest.fixture
def digits(make_digits: Callable[..., Digits]) -> Digits:
    return make_digits(100, 4)


def test_the_linear_readers_can_read(digits: Digits, tmp_path: Path) -> None:
    model = Model.load(linear.saved(tmp_path / "a.onnx", 1))
    read = model.logits((digits.images[..., None] / 255).astype(np.float32)).argmax(axis=1)
    assert (read == digits.truth).mean() > 0.9
