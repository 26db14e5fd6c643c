"""The short programs that people know for a `mnist_digit_classifier.keras` run on ours.

Each runs as it is usually written, in a namespace that has only the variables it leaves open, and
in a folder that has only the exported model.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from inkdigits.data.mnist import Mnist

pytestmark = pytest.mark.keras

CLASSIC = Path(__file__).parents[1] / "weights" / "classic.keras"

LOAD = """
from tensorflow import keras
import numpy as np

model = keras.models.load_model('mnist_digit_classifier.keras')
"""

PREDICT = """
prediction = model.predict(your_image_array)
digit = np.argmax(prediction)
confidence = np.max(prediction)

print(f"Predicted digit: {digit} (confidence: {confidence:.3f})")
"""

BATCH = """
predictions = model.predict(batch_of_images)
digits = np.argmax(predictions, axis=1)
"""

PROBABILITIES = """
probabilities = model.predict(image_array)[0]
for i, prob in enumerate(probabilities):
    print(f"Digit {i}: {prob*100:.1f}%")
"""

IMAGE_FILE = """
from PIL import Image
import numpy as np

def preprocess_image(image_path):
    img = Image.open(image_path).convert('L')
    img = img.resize((28, 28))
    img_array = np.array(img).astype('float32') / 255.0
    img_array = 1.0 - img_array
    return img_array.reshape(1, 28, 28, 1)

image_array = preprocess_image('my_digit.png')
prediction = model.predict(image_array)
"""

WEBCAM = """
import cv2
import numpy as np

def process_webcam():
    cap = cv2.VideoCapture(0)
    while True:
        ret, frame = cap.read()
        prediction = model.predict(processed_region)
        digit = np.argmax(prediction)

        cv2.putText(frame, f'Digit: {digit}', (10, 30),
                   cv2.FONT_HERSHEY_SIMPLEX, 1, (0, 255, 0), 2)
        cv2.imshow('Digit Recognition', frame)
"""

TEST_LOADING = """
from tensorflow import keras
model = keras.models.load_model('mnist_digit_classifier.keras')
print("Model loaded successfully!")

import numpy as np
test_input = np.random.random((1, 28, 28, 1))
prediction = model.predict(test_input)
print(f"Test prediction shape: {prediction.shape}")
"""


@pytest.fixture(scope="module")
def folder(made_up: Mnist, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `inkdigits export weights/classic.keras --to keras` wrote."""
    from inkdigits.training.exports.export import export
    from inkdigits.training.exports.targets import Target

    folder = tmp_path_factory.mktemp("seed")
    export(CLASSIC, [Target("keras")], folder, data=made_up)
    assert [path.name for path in folder.iterdir()] == ["mnist_digit_classifier.keras"]
    return folder


@pytest.fixture
def names(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The namespace of a program that has loaded the model."""
    monkeypatch.chdir(folder)
    names: dict[str, Any] = {}
    exec(LOAD, names)
    return names


def _drawn(digit: int) -> Image.Image:
    """A digit in black on a white sheet of 280 x 280 pixels."""
    sheet = Image.new("L", (280, 280), 255)
    font = ImageFont.load_default(size=210)
    ImageDraw.Draw(sheet).text((140, 140), str(digit), fill=0, font=font, anchor="mm")
    return sheet


@pytest.fixture(scope="module")
def digits() -> NDArray[np.float32]:
    """The ten digits, (10, 28, 28, 1), bright on black."""
    small = [np.asarray(_drawn(digit).resize((28, 28)), np.float32) for digit in range(10)]
    return (1 - np.stack(small) / 255)[..., None].astype(np.float32)


@pytest.mark.parametrize("digit", range(10))
def test_predicting_one(
    digit: int,
    names: dict[str, Any],
    digits: NDArray[np.float32],
    capsys: pytest.CaptureFixture[str],
) -> None:
    names["your_image_array"] = digits[digit : digit + 1]
    exec(PREDICT, names)
    assert names["digit"] == digit
    assert 0.5 < names["confidence"] <= 1
    said = capsys.readouterr().out.splitlines()[-1]
    assert said == f"Predicted digit: {digit} (confidence: {names['confidence']:.3f})"


def test_predicting_a_batch(names: dict[str, Any], digits: NDArray[np.float32]) -> None:
    names["batch_of_images"] = digits
    exec(BATCH, names)
    assert names["predictions"].shape == (10, 10)
    assert names["digits"].tolist() == list(range(10))


def test_all_probabilities(
    names: dict[str, Any], digits: NDArray[np.float32], capsys: pytest.CaptureFixture[str]
) -> None:
    names["image_array"] = digits[7:8]
    exec(PROBABILITIES, names)
    assert names["probabilities"].sum() == pytest.approx(1, abs=1e-5)
    assert names["probabilities"].argmax() == 7
    said = capsys.readouterr().out.splitlines()[-10:]
    shares = [float(line.split()[-1].rstrip("%")) for line in said]
    assert [line.split(":")[0] for line in said] == [f"Digit {i}" for i in range(10)]
    assert np.argmax(shares) == 7


@pytest.mark.parametrize("digit", [0, 4, 9])
def test_an_image_file(digit: int, names: dict[str, Any], folder: Path) -> None:
    path = folder / "my_digit.png"
    try:
        _drawn(digit).save(path)
        exec(IMAGE_FILE, names)
    finally:
        path.unlink()
    assert names["image_array"].shape == (1, 28, 28, 1)
    assert names["prediction"].argmax() == digit


def test_the_webcam(
    names: dict[str, Any], digits: NDArray[np.float32], monkeypatch: pytest.MonkeyPatch
) -> None:
    import cv2

    shown = []

    class Camera:
        """Three grey frames, then unplugged."""

        def __init__(self, number: int) -> None:
            assert number == 0
            self.left = 3

        def read(self) -> tuple[bool, NDArray[np.uint8]]:
            if not self.left:
                raise KeyboardInterrupt
            self.left -= 1
            return True, np.full((60, 200, 3), 90, np.uint8)

    monkeypatch.setattr(cv2, "VideoCapture", Camera)
    monkeypatch.setattr(cv2, "imshow", lambda title, frame: shown.append((title, frame)))
    exec(WEBCAM, names)
    names["processed_region"] = digits[3:4]
    with pytest.raises(KeyboardInterrupt):
        names["process_webcam"]()
    assert names["model"].predict(digits[3:4], verbose=0).argmax() == 3
    assert [title for title, _ in shown] == ["Digit Recognition"] * 3
    assert all((frame == (0, 255, 0)).all(axis=2).any() for _, frame in shown)


def test_the_loading_test(names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    exec(TEST_LOADING, names)
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "Model loaded successfully!"
    assert said[-1] == "Test prediction shape: (1, 10)"
