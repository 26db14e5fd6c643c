"""The service that most tutorials end with: Flask, and Keras's `predict` on each request.

    python benchmarks/peers/seed_like.py PORT      # needs flask, and inkdigits[train]

`POST /predict` takes a file `image`, shrinks it to 28x28 and answers as JSON. The network is the
seed's in shape and untrained: only its time matters.
"""

from __future__ import annotations

import io
import logging
import sys

import keras
import numpy as np
from flask import Flask, jsonify, request  # type: ignore[import-not-found,unused-ignore]
from PIL import Image

app = Flask(__name__)
model = keras.Sequential(
    [
        keras.Input((28, 28, 1)),
        *(
            layer
            for filters in (32, 64, 128)
            for layer in (
                keras.layers.Conv2D(filters, 3, padding="same", activation="relu"),
                keras.layers.BatchNormalization(),
                keras.layers.Conv2D(filters, 3, padding="same", activation="relu"),
                keras.layers.BatchNormalization(),
                keras.layers.MaxPooling2D(),
                keras.layers.Dropout(0.25),
            )
        ),
        keras.layers.Flatten(),
        keras.layers.Dense(256, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)


@app.post("/predict")
def predict():  # type: ignore[no-untyped-def]
    """One digit, whatever the untrained network says."""
    image = Image.open(io.BytesIO(request.files["image"].read())).convert("L").resize((28, 28))
    array = np.asarray(image, np.float32).reshape(1, 28, 28, 1) / 255
    probabilities = model.predict(array, verbose=0)[0]
    digit = int(probabilities.argmax())
    return jsonify(prediction=digit, probabilities=[float(it) for it in probabilities])


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app.run(port=int(sys.argv[1]), threaded=True)
