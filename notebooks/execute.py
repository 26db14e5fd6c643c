"""Run the notebook from its readable twin: `make notebook`.

In: `mnist_digit_recognition.py` beside this file. Out: `mnist_digit_recognition.ipynb` with what
its cells showed, free of what differs from machine to machine. Knows nothing of what is in it.

    python notebooks/execute.py [FILE.ipynb]

INKDIGITS_RUN and INKDIGITS_FAST are the notebook's own (see its first step), INKDIGITS_DATA is
where MNIST is. The notebook runs in the folder of FILE, as in Jupyter.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

SOURCE = Path(__file__).with_name("mnist_digit_recognition.py")
FOLDERS = ("INKDIGITS_DATA", "INKDIGITS_RUN")


class _ThisInterpreter(AsyncKernelManager):
    """Starts the interpreter that runs this, whatever kernels are registered; on 127.0.0.1."""

    @property
    def kernel_spec(self) -> KernelSpec:
        launcher = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        quiet = "--log-level=40"  # it would warn that what stays on 127.0.0.1 is not encrypted
        return KernelSpec(argv=[*launcher, quiet], display_name="Python 3", language="python")


def execute(target: Path) -> None:
    """Execute the notebook and write it to `target`; raises `CellExecutionError` if a cell does."""
    for name in FOLDERS:  # the kernel works in another folder
        if given := os.environ.get(name):
            os.environ[name] = str(Path(given).absolute())
    notebook = jupytext.read(SOURCE)
    client = NotebookClient(
        notebook,
        kernel_manager_class=_ThisInterpreter,
        timeout=None,
        record_timing=False,
        resources={"metadata": {"path": str(target.absolute().parent)}},
    )
    client.execute()
    _tidy(notebook)
    nbformat.validate(notebook)
    nbformat.write(notebook, target)


def _tidy(notebook: Any) -> None:
    """Take out what would differ the next time, though nothing was changed."""
    notebook.metadata = {
        "jupytext": {"formats": "ipynb,py:percent"},
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for number, cell in enumerate(notebook.cells, 1):
        cell.id = f"cell-{number:02}"
        cell.metadata = {}
        if cell.cell_type == "code":
            cell.outputs = _tidied(cell.outputs)


def _tidied(outputs: list[Any]) -> list[Any]:
    """Outputs of a cell: text in one piece, a picture in one format, nothing empty."""
    kept: list[Any] = []
    for output in outputs:
        if output.output_type == "stream":
            if kept and kept[-1].get("name") == output.name:
                kept[-1].text += output.text
            else:
                kept.append(output)
        elif output.get("data", {}).get("text/plain") != "":  # Keras shows an empty box
            if "image/png" in output.get("data", {}):
                output.data.pop("image/jpeg", None)
            kept.append(output)
    for output in kept:
        if output.output_type == "stream":
            output.text = settled(output.text)
    return kept


def settled(text: str) -> str:
    """What a terminal would show in the end: no colours, of a progress bar its last state."""
    plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]|\x08", "", text).replace("\r\n", "\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in plain.split("\n"))


def main() -> None:
    """Execute, and tell where the outcome is."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCE.with_suffix(".ipynb")
    try:
        execute(target)
    except CellExecutionError as error:
        sys.exit(f"{SOURCE.name} could not be run to its end.\n{settled(str(error))}")
    print(f"{target.name}: {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
