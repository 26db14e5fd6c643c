"""What OpenAPI says of the Open Inference Protocol. Documentation only.

In: nothing. Out: models of the answers, and the schema of a request with an example.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from inkdigits.service.schemas import Answer, body, closed_object


class Server(Answer):
    """The server."""

    name: Literal["inkdigits"]
    version: str
    extensions: list[str]


class Live(Answer):
    """It is alive."""

    live: Literal[True]


class Ready(Answer):
    """It is ready."""

    ready: Literal[True]


class Indexed(Answer):
    """A model of the repository."""

    name: str
    version: str
    state: Literal["READY"]
    reason: str


class TensorOf(Answer):
    """A tensor of a model: -1 in a shape is any number."""

    name: str
    datatype: str
    shape: list[int]


class Model(Answer):
    """A model."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorOf]
    outputs: list[TensorOf]
    parameters: dict[str, str]


class ModelReady(Answer):
    """A model is ready."""

    name: str
    ready: Literal[True]


class Output(Answer):
    """A tensor of an answer: `data` row by row."""

    name: str
    datatype: str
    shape: list[int]
    data: list[int] | list[float] | list[bool] | list[str] | None = None
    parameters: dict[str, int] | None = None


class Inferred(Answer):
    """The answer of an inference."""

    model_name: str
    model_version: str
    id: str | None = None
    parameters: dict[str, bool] | None = Field(
        default=None, description="`stored`, where predictions are kept"
    )
    outputs: list[Output] = Field(description="those asked for; all where none were")


_PARAMETERS = {"type": "object"}
_ARRAY: dict[str, Any] = {"type": "array"}
_INPUT = closed_object(
    ["name", "shape", "datatype"],
    {
        "name": {"enum": ["images", "pictures"]},
        "shape": {**_ARRAY, "items": {"type": "integer"}},
        "datatype": {"enum": ["FP32", "UINT8"]},
        "data": {**_ARRAY, "description": "numbers, flat or nested, row by row"},
        "parameters": _PARAMETERS,
    },
)
_OUTPUT = closed_object(
    ["name"],
    {
        "name": {"enum": ["digit", "confidence", "accepted", "reason", "probabilities"]},
        "parameters": _PARAMETERS,
    },
)
INFER = body(
    {
        "application/json": {
            "schema": closed_object(
                ["inputs"],
                {
                    "id": {"type": "string"},
                    "parameters": _PARAMETERS,
                    "inputs": {**_ARRAY, "items": _INPUT, "minItems": 1, "maxItems": 1},
                    "outputs": {**_ARRAY, "items": _OUTPUT},
                },
            ),
            "example": {
                "inputs": [
                    {
                        "name": "pictures",
                        "shape": [1, 7, 5],
                        "datatype": "UINT8",
                        "data": [
                            *([255, 255, 255, 255, 255, 0, 0, 0, 0, 255]),
                            *([255, 255, 255, 0, 255, 255, 255, 0, 255, 255]),
                            *([255, 255, 0, 255, 255, 255, 0, 255, 255, 255]),
                            *([255, 255, 255, 255, 255]),
                        ],
                    }
                ],
                "outputs": [{"name": "digit"}, {"name": "accepted"}],
            },
        },
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
    }
)
