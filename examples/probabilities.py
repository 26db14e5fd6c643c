"""See how sure a reading is, digit by digit: python examples/probabilities.py [PICTURE]"""

import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw

from inkdigits import Recognizer


def draw_seven(path: Path) -> Path:
    paper = Image.new("L", (300, 300), 235)
    ImageDraw.Draw(paper).line([(90, 80), (210, 80), (130, 230)], fill=30, width=18, joint="curve")
    paper.save(path)
    return path


with tempfile.TemporaryDirectory() as folder:
    picture = sys.argv[1] if len(sys.argv) > 1 else draw_seven(Path(folder) / "seven.png")
    prediction = Recognizer.load().classify(picture)

for digit, probability in enumerate(prediction.probabilities):  # they are calibrated, and sum to 1
    print(f"{digit} {probability:6.1%} {'#' * round(40 * probability)}")
print("accepted" if prediction.accepted else f"not accepted: {prediction.reason}")
