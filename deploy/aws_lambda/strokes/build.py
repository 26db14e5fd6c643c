"""Make the zip of the Lambda function that reads drawings: its handler and parts of the page.

In: this repository; nothing is fetched. Out: package.zip beside this file, and its size.

    python deploy/aws_lambda/strokes/build.py
"""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parents[2] / "src" / "inkdigits"
#: The rooms of the page that read, and know nothing of a screen.
ROOMS = ("engine", "normalise", "reading")


def contents() -> dict[str, bytes]:
    """Every file of the package, by its name in it."""
    page = SOURCE / "service" / "page"
    scripts = [script for room in ROOMS for script in sorted((page / room).rglob("*.js"))]
    files = {f"page/{path.relative_to(page).as_posix()}": path.read_bytes() for path in scripts}
    files["page/package.json"] = b'{"type": "module"}'
    files["standard.onnx"] = (SOURCE / "models" / "standard.onnx").read_bytes()
    files["handler.mjs"] = (HERE / "handler.mjs").read_bytes()
    return files


def build(goal: Path) -> int:
    """Write the zip, the same bytes for the same files; its size."""
    with zipfile.ZipFile(goal, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in sorted(contents().items()):
            entry = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return goal.stat().st_size


if __name__ == "__main__":
    goal = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "package.zip"
    megabytes = round(build(goal) / 1e6, 2)
    print(f"{goal}: {megabytes} MB")
    print(json.dumps({"zip_mb": megabytes, "files": len(contents())}))
