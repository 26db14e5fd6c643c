"""Load once all that a server may load: proof that it is whole, and bytecode for the next time.

In: an environment in which inkdigits is installed and `slim` has been. Out: a line, or an exit
status of 1; and Python's bytecode of what was loaded, and of nothing else. For the Dockerfile;
knows no settings and opens no port.

    /opt/inkdigits/bin/python deploy/slim/warm.py
"""

from __future__ import annotations

import importlib
import pkgutil
import sys

import cv2
import numpy as np

import inkdigits
from inkdigits import Recognizer

#: Loaded by others when a setting asks for it.
ALSO = (
    "inkdigits.cli.keys",
    "inkdigits.cli.serve",
    "inkdigits.cli.store",
    "redis",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
    "uvloop",
)


def warm() -> int:
    """Load the service and its store, and read a digit, a number and a page; modules loaded.

    Raises:
        SystemExit: something is not read as it should be.
    """
    for name in ("service", "store"):
        package = importlib.import_module(f"inkdigits.{name}")
        for found in pkgutil.walk_packages(package.__path__, f"inkdigits.{name}."):
            if not found.name.endswith((".env", ".page")):
                importlib.import_module(found.name)
    for name in ALSO:
        importlib.import_module(name)
    paper = np.full((400, 600), 230, np.uint8)
    for left in (60, 260, 460):
        corners = np.array([[left, 100], [left + 70, 100], [left + 20, 290]], np.int32)
        cv2.polylines(paper, [corners], isClosed=False, color=40, thickness=14)
    recognizer = Recognizer.load()
    digit, page = recognizer.classify(paper[:, :200]).digit, recognizer.read(paper)
    if digit != 7 or "".join(number.text for number in page.numbers) != "777":
        sys.exit(f"Of three sevens it reads {digit} and {[n.text for n in page.numbers]}.")
    return sum(1 for module in sys.modules.values() if getattr(module, "__file__", None))


if __name__ == "__main__":
    print(
        f"loaded {warm()} modules of inkdigits {inkdigits.__version__} and what it needs; it reads"
    )
