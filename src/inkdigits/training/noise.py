"""TensorFlow's chatter kept off the terminal.

It writes from C++, past `sys.stderr`, whatever its log level says, and from Python's logging and
warnings. What goes wrong is an exception, and still seen. Imports nothing heavy.
"""

from __future__ import annotations

import io
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr


@contextmanager
def hushed() -> Iterator[None]:
    """Hide what is written to standard error, logged up to `WARNING`, or warned of."""
    sys.stderr.flush()
    level, kept = logging.root.manager.disable, os.dup(2)
    logging.disable(max(level, logging.WARNING))
    try:
        with tempfile.TemporaryFile() as hidden, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            os.dup2(hidden.fileno(), 2)
            try:
                with redirect_stderr(io.StringIO()):
                    yield
            finally:
                os.dup2(kept, 2)
    finally:
        os.close(kept)
        logging.disable(level)
