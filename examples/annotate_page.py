"""A made-up photo of a page, read and drawn on: python examples/annotate_page.py [read.png]."""

import sys

import numpy as np

from inkdigits import Recognizer
from inkdigits.annotate import annotated
from inkdigits.wild import pages


def main() -> None:
    out = sys.argv[1] if len(sys.argv) > 1 else "read.png"
    style = pages.Style(size=(620, 900), digit=40, numbers=9, camera=True)
    page = pages.page(np.random.default_rng(34), "ruled", style)
    reading = Recognizer.load().read(page.pixels)
    print(reading.text)
    annotated(page.pixels, reading).save(out)
    print(f"Drawn: {out}")


if __name__ == "__main__":
    main()
