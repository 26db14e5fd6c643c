"""JSON, forms and base64 that are damaged, odd or too large: section B of the catalogue.

Each is sent to the application and to a real server, and held to all that `assert_refused` asks.
"""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest

from tests.pictures import drawing, encode, seven

from .harness import BATCH, CLASSIFY, MARK, READ
from .refusals import assert_read, assert_refused
from .targets import Target
from .test_service_forms import END, FORM, FORM_CASES, part
from .test_service_refusals import JSON_CASES

JSON = {"Content-Type": "application/json"}
FEEDBACK = "/api/v1/feedback"
PICTURE = base64.b64encode(encode(seven(), "PNG")).decode()
INFER = "/v2/models/standard/infer"
#: Every address that takes a body, and of those the ones that must be told its type.
PATHS = ("/predict", CLASSIFY, BATCH, READ, FEEDBACK, INFER)
TYPED = PATHS[:-1]
#: What is wrong with a body before anyone asks what it is for.
BROKEN: dict[str, tuple[str | bytes, int, str]] = {
    **{
        name: JSON_CASES[name]
        for name in (
            *("depth 100,000", "depth 17", "invalid UTF-8", "UTF-16", "UTF-16 without a mark"),
            *("duplicate keys", "syntax", "open string", "empty body", "raw NUL"),
            *("lone surrogate", "lone surrogate in a key", "escaped NUL", "not an object"),
        )
    },
    "NaN": ('{"image": NaN}', 422, "not-finite"),
    "-Infinity": ('{"image": [-Infinity]}', 422, "not-finite"),
    "1e999": ('{"image": {"a": 1e999}}', 422, "not-finite"),
    "5,000 digits": ('{"image": %s}' % ("1" * 5000), 422, "invalid-field"),
    "UTF-32": ('{"image": ""}'.encode("utf-32"), 400, "malformed-json"),
    "JPEG": (encode(seven(), "JPEG"), 400, "malformed-json"),
    "depth 100,000 of objects": ('{"a":' * 100_000, 400, "malformed-json"),
    "duplicate keys deep inside": ('{"image": [{"a": 1, "a": 2}]}', 400, "malformed-json"),
    "two documents": ('{"image": ""} {}', 400, "malformed-json"),
    "a bare number": ("7", 422, "invalid-field"),
    "empty object": ("{}", 422, "invalid-field"),
    "100,000 members": (
        json.dumps({f"{MARK} {n}": n for n in range(100_000)}),
        422,
        "invalid-field",
    ),
    "5 MB of brackets": ("[]," * 1_700_000, 400, "malformed-json"),
}


@pytest.mark.parametrize(
    "name", [name for name in JSON_CASES if name != "the reader's own refusal"]
)
def test_json(target: Target, name: str) -> None:
    body, status, code = JSON_CASES[name]
    assert_refused(target, status, code, "POST", CLASSIFY, content=body, headers=JSON)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", BROKEN)
def test_broken_json_is_refused_everywhere(target: Target, name: str, path: str) -> None:
    body, status, code = BROKEN[name]
    if path == FEEDBACK and len(body) > 256 * 1024:
        status, code = 413, "payload-too-large"
    if isinstance(body, str) and path == BATCH:
        body = body.replace('"image"', '"images"')
    assert_refused(target, status, code, "POST", path, content=body, headers=JSON, bound=128)


def tensor(pixels: Any) -> dict[str, Any]:
    return {"pixels": pixels}


TENSORS: dict[str, tuple[dict[str, Any], str, str]] = {
    # name -> body, code, pointer
    "ragged": (tensor([[1, 2], [3]]), "tensor-shape", "/pixels"),
    "ragged the other way": (tensor([[1], [2, 3]]), "tensor-shape", "/pixels"),
    "rank 0": (tensor(1), "tensor-shape", "/pixels"),
    "rank 1 of 783": (tensor([0] * 783), "tensor-shape", "/pixels"),
    "rank 3": (tensor([[[0]] * 28] * 28), "tensor-shape", "/pixels"),
    "rank 4": (tensor([[[[0]] * 28] * 28]), "tensor-shape", "/pixels"),
    "a batch of none": (tensor([]), "tensor-shape", "/pixels"),
    "a dimension of 0": (tensor([[], []]), "tensor-shape", "/pixels"),
    "text for numbers": (tensor([["1"] * 28] * 28), "tensor-shape", "/pixels"),
    "bools for numbers": (tensor([[True] * 28] * 28), "tensor-shape", "/pixels"),
    "null among numbers": (tensor([[0] * 27 + [None]] * 28), "tensor-shape", "/pixels"),
    "an object for rows": (tensor({"shape": [-1, 2**63], "data": [0]}), "tensor-shape", "/pixels"),
    "below nought": (tensor([[-1, 0]]), "invalid-field", "/pixels"),
    "over 255": (tensor([[256, 0]]), "invalid-field", "/pixels"),
    "over 1 among floats": (tensor([[0.5, 2]]), "invalid-field", "/pixels"),
    "a float beyond 32 bits": (tensor([[1e300]]), "invalid-field", "/pixels"),
    "20 digits": (tensor([[10**19]]), "invalid-field", "/pixels"),
    "5,000 x 1": (tensor([[0]] * 5000), "image-too-large", "/pixels"),
    "1 x 5,000": (tensor([[0] * 5000]), "image-too-large", "/pixels"),
    "strokes of text": ({"strokes": [["a"]]}, "tensor-shape", "/strokes/0"),
    "a point of four": ({"strokes": [[[1, 2, 0.5, 4]]]}, "tensor-shape", "/strokes/0"),
    "pressure for some": ({"strokes": [[[1, 2, 0.5], [1, 2]]]}, "tensor-shape", "/strokes/0"),
    "far away": ({"strokes": [[[1e7, 2]]]}, "invalid-field", "/strokes/0"),
}


@pytest.mark.parametrize("name", TENSORS)
def test_numbers_of_the_wrong_shape(target: Target, name: str) -> None:
    body, code, pointer = TENSORS[name]
    problem = assert_refused(target, 422, code, "POST", CLASSIFY, json=body, pointer=pointer)
    for word in ("onnx", "numpy", "array", "dtype", "broadcast", "tensor("):
        assert word not in json.dumps(problem["errors"]).lower()  # our words, not the runtime's


def of_v2(**changes: Any) -> dict[str, Any]:
    """A request of the Open Inference Protocol, wrong in one thing."""
    sound = {"name": "images", "shape": [1, 28, 28, 1], "datatype": "FP32", "data": [0] * 784}
    return {"inputs": [{**sound, **changes}]}


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"shape": [-1, 28, 28, 1]}, 422, "tensor-shape"),
        ({"shape": [2**63, 28, 28, 1]}, 422, "tensor-shape"),
        ({"shape": [2**32, 2**32, 28, 1]}, 422, "tensor-shape"),
        ({"shape": [0, 28, 28, 1]}, 422, "tensor-shape"),
        ({"shape": [2, 28, 28, 1]}, 422, "tensor-shape"),
        ({"shape": [1, 783]}, 422, "tensor-shape"),
        ({"datatype": "FP64"}, 422, "tensor-shape"),
        ({"data": [[0] * 28] * 27}, 422, "tensor-shape"),
        ({"data": [True] * 784}, 422, "tensor-shape"),
        ({"data": [2] * 784}, 422, "invalid-field"),
        ({"shape": [65, 28, 28, 1], "data": [0] * 784 * 65}, 413, "batch-too-large"),
        ({"name": MARK}, 422, "invalid-field"),
    ],
)
def test_tensors_of_the_protocol(
    target: Target, changes: dict[str, Any], status: int, code: str
) -> None:
    problem = assert_refused(target, status, code, "POST", INFER, json=of_v2(**changes))
    assert problem["error"] == (problem["detail"] or problem["title"])
    for word in ("onnx", "numpy", "dtype", "broadcast", "tensor("):
        assert word not in json.dumps(problem["errors"]).lower()


@pytest.mark.parametrize("name", ["..", "../standard", "/etc/passwd", "", " ", "x" * 300, MARK])
def test_models_are_found_by_name_alone(target: Target, name: str) -> None:
    body = {"image": PICTURE, "model": name}
    for path in (CLASSIFY, READ):
        assert_refused(target, 404, "unknown-model", "POST", path, json=body)


@pytest.mark.parametrize("name", FORM_CASES)
def test_forms(target: Target, name: str) -> None:
    kind, body, status = FORM_CASES[name]
    code = "malformed-multipart" if status == 400 else "invalid-field"
    headers = {"Content-Type": kind}
    if name == "wrong name":  # a pointer names its field; this one is no plain word
        assert_refused(
            target, status, code, "POST", CLASSIFY, content=body, headers=headers, pointer=""
        )
    else:
        assert_refused(target, status, code, "POST", CLASSIFY, content=body, headers=headers)


@pytest.mark.parametrize("path", TYPED)
def test_no_type_of_body(target: Target, path: str) -> None:
    assert_refused(target, 415, "unsupported-media-type", "POST", path, content=b"{}")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": ""},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": f"text/{MARK}"},
        {"Content-Type": "multipart/mixed; boundary=B"},
        [("Content-Type", "application/json"), ("Content-Type", "text/html")],
    ],
    ids=str,
)
def test_other_types_of_body(target: Target, path: str, headers: Any) -> None:
    code = "unsupported-media-type"
    assert_refused(target, 415, code, "POST", path, content=b"{}", headers=headers)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, gzip", "identity, gzip"])
def test_a_compressed_body_is_not_unpacked(target: Target, path: str, coding: str) -> None:
    bomb = gzip.compress(bytes(50_000_000), 1)
    headers = {**JSON, "Content-Encoding": coding}
    code = "unsupported-media-type"
    assert_refused(target, 415, code, "POST", path, content=bomb, headers=headers, bound=20)


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("path", PATHS)
def test_a_body_over_the_limit(target: Target, path: str, chunked: bool) -> None:
    piece = b" " * 2**16
    body: Any = [piece] * 90 if chunked else piece * 90  # 5.6 MiB
    code = "payload-too-large"
    assert_refused(target, 413, code, "POST", path, content=body, headers=JSON)


def test_a_batch_over_the_limit(target: Target) -> None:
    images = {"images": [PICTURE] * 65}
    code = "batch-too-large"
    assert_refused(target, 413, code, "POST", BATCH, json=images, pointer="/images")
    assert_refused(target, 422, "tensor-shape", "POST", BATCH, json={"images": []})


@pytest.mark.parametrize(
    "image",
    ["", MARK, "data:,x", "data:text/html;base64,PGI+", "aGVsbG8=", None, 7, True, [PICTURE]],
)
def test_a_bad_picture_does_not_spoil_its_batch(target: Target, image: Any) -> None:
    body = {"images": [PICTURE, image, PICTURE]}
    first, bad, last = assert_read(target, "POST", BATCH, json=body)["predictions"]
    assert (first["digit"], last["digit"]) == (7, 7)
    (error,) = bad["error"]["errors"]
    assert error["pointer"] == "/images/1"
    assert bad["error"]["status"] in (415, 422)
    assert MARK not in json.dumps(bad)


NAMES = ["../../x", "/etc/passwd", "a\0b.png", "x" * 10_000, "=cmd|' /C calc'!A0", "+1", "@a",
         '<img src=x onerror=alert(1)>', "a\\\"b", "\u202egnp.exe", "a;filename=b", ""]  # fmt: skip


@pytest.mark.parametrize("path", [CLASSIFY, READ])
@pytest.mark.parametrize("name", NAMES, ids=lambda name: repr(name[:20]))
def test_a_file_name_is_data(target: Target, path: str, name: str) -> None:
    """It is neither a path nor in the answer nor, as `assert_read` sees, in the log."""
    picture = encode(seven(), "PNG")
    body = part("image", picture, f"{name}{MARK}") + END
    before = sorted(target.store.parent.iterdir())
    answer = assert_read(target, "POST", path, content=body, headers={"Content-Type": FORM})
    assert MARK not in json.dumps(answer)
    assert sorted(target.store.parent.iterdir()) == before


def test_base64_within_the_limit_is_only_then_looked_at(target: Target) -> None:
    large = {"image": "A" * (5 * 2**20 - 100)}  # 3.9 MB of zeros
    code = "unsupported-format"
    assert_refused(target, 415, code, "POST", CLASSIFY, json=large, pointer="/image")


def test_pixels_and_strokes_that_are_odd_but_right_are_read(target: Target) -> None:
    grey = drawing(7)
    bodies: list[dict[str, Any]] = [
        {"pixels": grey.tolist()},
        {"pixels": (grey / 255).round(3).tolist()},
        {"pixels": [[0]]},
        {"strokes": []},
        {"strokes": [[]]},
        {"strokes": [[[1, 1]]]},
        {"strokes": [[], [[0, 0, 1], [30, 0, 0.5], [10, 50, 1]]]},
        {"strokes": [[[-1e6, -1e6], [1e6, 1e6]]]},
    ]
    for body in bodies:
        answer = assert_read(target, "POST", CLASSIFY, json=body)
        assert len(answer["probabilities"]) == 10
