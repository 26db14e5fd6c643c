"""Read digits as MNIST has them: python examples/classify_array.py [ARRAY.npy]"""

import sys

import numpy as np
from PIL import Image, ImageDraw

from inkdigits import Recognizer


def draw_one_and_seven() -> np.ndarray:
    digits = []
    for pen in ([(14, 5), (14, 23)], [(8, 6), (19, 6), (12, 23)]):
        image = Image.new("L", (28, 28))
        ImageDraw.Draw(image).line(pen, fill=255, width=3, joint="curve")
        digits.append(np.asarray(image))
    return np.stack(digits)


X = np.load(sys.argv[1]) if len(sys.argv) > 1 else draw_one_and_seven()  # (N, 28, 28)
recognizer = Recognizer.load()
for digit, probabilities in zip(recognizer.predict(X), recognizer.predict_proba(X), strict=True):
    print(f"{digit} with {probabilities[digit]:.1%}")
