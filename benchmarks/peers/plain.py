"""The least that a careful person would write: FastAPI and ONNX Runtime, with the same model.

    python benchmarks/peers/plain.py PORT

No limits, no normaliser, no calibration, no refusals: what those cost is the difference.
"""

from __future__ import annotations

import io
import sys
from typing import Annotated, Any

import numpy as np
import onnxruntime
import uvicorn
from fastapi import FastAPI, File, UploadFile
from PIL import Image

import inkdigits

app = FastAPI()
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
folder = inkdigits.__path__[0]
session = onnxruntime.InferenceSession(
    f"{folder}/models/standard.onnx", options, providers=["CPUExecutionProvider"]
)
name = session.get_inputs()[0].name


@app.post("/predict")
def predict(image: Annotated[UploadFile, File()]) -> dict[str, Any]:
    """One digit; FastAPI runs this in a thread of its own."""
    picture = Image.open(io.BytesIO(image.file.read())).convert("L").resize((28, 28))
    array = np.asarray(picture, np.float32).reshape(1, 28, 28, 1) / 255
    logits = session.run(None, {name: array})[0][0][:10]
    odds = np.exp(logits - logits.max())
    return {"prediction": int(logits.argmax()), "probabilities": (odds / odds.sum()).tolist()}


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="error", access_log=False)
