"""`python -m slim FOLDER`: make a folder of installed packages smaller."""

from __future__ import annotations

import sys
from pathlib import Path

from . import slim
from .relink import RelinkError

if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
    sys.exit("Give the folder to make smaller: python -m slim FOLDER")
try:
    print(f"removed {slim(Path(sys.argv[1])) / 1e6:.1f} MB that a server never opens")
except RelinkError as error:
    sys.exit(f"What a server never calls cannot be cut off: {error}")
