"""Several ONNX digit readers as one graph: which of them, and how they are joined.

In: loaded readers, or what they answer. Out: the places of the chosen, or a graph. Knows nothing
of files, cards and calibration.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, compose, helper, numpy_helper

from inkdigits.decode import softmax
from inkdigits.errors import ModelError
from inkdigits.evaluation.metrics import Floats, Labels, nll
from inkdigits.training.exports.members import Member, check


def choose(logits_of_members: Sequence[Floats], truth: Labels, most: int) -> tuple[int, ...]:
    """Choose members one by one, each time the one that helps the chosen the most.

    Greedy forward selection of Caruana et al., "Ensemble Selection from Libraries of Models",
    ICML 2004, without replacement: the fewest errors of the mean logits, among equals the least
    negative log-likelihood, among equals the first. It ends where nothing more helps.

    Args:
        logits_of_members: (N, 10) each, calibrated alike; one at least.
        truth: (N,) labels 0 to 9.
        most: how many to choose at most.

    Returns:
        Places in `logits_of_members`, in the order chosen.
    """
    chosen: list[int] = []
    total = np.zeros((len(truth), 10))
    best = (len(truth) + 1, np.inf)
    left = list(range(len(logits_of_members)))
    while left and len(chosen) < most:
        found = {
            i: _badness((total + logits_of_members[i]) / (len(chosen) + 1), truth) for i in left
        }
        first = min(left, key=lambda i: found[i])
        if found[first] >= best:
            break
        best = found[first]
        total += logits_of_members[first]
        chosen.append(first)
        left.remove(first)
    return tuple(chosen)


def merge(members: Sequence[Member]) -> onnx.ModelProto:
    """One graph that answers with the mean of its members' logits over their temperatures.

    The mean is of logits, not of probabilities: the logarithm of those has a logsumexp of 0
    always, which is what `decode` takes for the energy of an image.

    Args:
        members: two at least; their graphs are not changed.

    Returns:
        `image` (N, 28, 28, 1) float32 to `logits` (N, 10) float32, without metadata; its bytes
        depend on the members and their order only.

    Raises:
        ModelError: as `check` does, or the graphs do not fit together.
    """
    check(list(members))
    merged = helper.make_graph(
        [],
        "digits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 28, 28, 1])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", 10])],
    )
    opsets: dict[str, int] = {}
    functions: list[Any] = []
    for place, member in enumerate(members):
        part = compose.add_prefix(member.proto, f"member_{place}/")
        _join(merged, part.graph, place, member.model.info.temperature)
        functions.extend(part.functions)
        for it in part.opset_import:
            domain = "" if it.domain == "ai.onnx" else it.domain
            if opsets.setdefault(domain, it.version) != it.version:
                raise ModelError(
                    f"{member.path} has version {it.version} of the operators {domain} and another "
                    f"member {opsets[domain]}: make both anew with `inkdigits export`."
                )
    scaled = [f"scaled_{place}" for place in range(len(members))]
    merged.node.append(helper.make_node("Mean", scaled, ["logits"], "mean"))
    made = helper.make_model(
        merged,
        producer_name="inkdigits",
        ir_version=members[0].proto.ir_version,
        opset_imports=[helper.make_opsetid(*it) for it in opsets.items()],
        functions=functions,
    )
    try:
        onnx.checker.check_model(made, full_check=True)
    except Exception as error:  # the checker's and the shape inference's have no common base
        why = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise ModelError(f"The members could not be merged: {why}") from error
    return made


def _join(merged: onnx.GraphProto, part: onnx.GraphProto, place: int, temperature: float) -> None:
    """Add a prefixed graph to `merged`, from `image` to `scaled_PLACE`.

    Names of members have a slash and names of ours have none, so that they cannot meet.
    """
    stored = {tensor.name for tensor in part.initializer}
    (taken,) = (value.name for value in part.input if value.name not in stored)
    divisor, scaled = f"temperature_{place}", f"scaled_{place}"
    # an identity, which the runtime takes out, reaches into the bodies of loops too
    merged.node.append(helper.make_node("Identity", ["image"], [taken], f"image_{place}"))
    merged.node.extend(part.node)
    merged.node.append(
        helper.make_node("Div", [part.output[0].name, divisor], [scaled], f"scale_{place}")
    )
    merged.initializer.extend(part.initializer)
    merged.initializer.append(numpy_helper.from_array(np.array(temperature, np.float32), divisor))
    merged.sparse_initializer.extend(part.sparse_initializer)


def _badness(logits: NDArray[np.float64], truth: Labels) -> tuple[int, float]:
    """(errors, mean negative log-likelihood) of logits (N, 10)."""
    return int((logits.argmax(axis=1) != truth).sum()), nll(softmax(logits), truth)
