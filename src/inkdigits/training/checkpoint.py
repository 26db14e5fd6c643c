"""What a run keeps on disk after each epoch, so that killing it costs one epoch at most.

    training_log.csv     a row an epoch
    checkpoint.keras     the model in training with its optimiser
    NAME.keras           the best network so far

Each file is replaced in one step. The checkpoint is written between the other two, and decides:
rows and a best network that are newer than it belong to an epoch that will be trained again.
Knows nothing of data or recipes.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import keras

from inkdigits.errors import InkdigitsError
from inkdigits.training.log import TrainingLog


class Checkpoint:
    """The files of the run in `folder`, whose best network is `NAME.keras`."""

    def __init__(self, folder: Path, name: str) -> None:
        self.path = folder / "checkpoint.keras"
        self.best = folder / f"{name}.keras"
        self.log = TrainingLog(folder)

    def load(self) -> keras.Model | None:
        """The model to go on with, or `None` where no epoch was finished.

        Raises:
            InkdigitsError: the checkpoint is damaged.
        """
        if not self.path.is_file():
            return None
        try:
            return keras.models.load_model(self.path)
        except Exception:  # Keras, zipfile and h5py each have their own word for a damaged file
            raise InkdigitsError(
                f"{self.path} is damaged, so the run cannot go on: start anew in another folder."
            ) from None

    def settle(self, epochs: int) -> None:
        """Forget what lies beyond the first `epochs`; finish what belongs to them."""
        self.log.keep(epochs)
        for pending in self.best.parent.glob(f"best-*-{self.best.name}"):
            if int(pending.name.split("-")[1]) <= epochs:
                pending.replace(self.best)
            else:
                pending.unlink()

    def save(self, row: dict[str, float], model: keras.Model, network: keras.Model) -> None:
        """Write one epoch down.

        Args:
            row: what the log says of it; `epoch` counts from 1.
            model: in training, compiled.
            network: what is kept if this epoch is the best.

        Raises:
            InkdigitsError: the folder cannot be written, for want of space perhaps.
        """
        pending = self.best.with_name(f"best-{row['epoch']}-{self.best.name}")
        better = self.log.is_better(row)
        try:
            self._need_room(network)
            if better:
                _replace(pending, network.save)
            self.log.append(row)
            _replace(self.path, model.save)
            if better:
                pending.replace(self.best)
        except OSError as error:
            raise InkdigitsError(
                f"Epoch {row['epoch']} could not be saved in {self.path.parent}: "
                f"{error.strerror or error}. Make room there, then --resume goes on."
            ) from None

    def _need_room(self, network: keras.Model) -> None:
        """Look beforehand, because the HDF5 library crashes where a disk is full.

        A checkpoint has each weight three times (AdamW keeps two moments), the network once.
        """
        needed = 4 * 4 * network.count_params() + 500_000
        if shutil.disk_usage(self.path.parent).free < needed:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _replace(path: Path, save: Callable[[Path], object]) -> None:
    partial = path.with_name(f"partial-{path.name}")
    try:
        save(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
