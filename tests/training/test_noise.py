from __future__ import annotations

import logging
import os
import sys
import warnings

import pytest

from inkdigits.training.noise import hushed


def test_all_ways_to_the_terminal_are_shut_and_opened_again(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with hushed():
        os.write(2, b"from C++\n")
        print("from Python", file=sys.stderr)
        logging.getLogger("absl").warning("logged")
        warnings.warn("warned", stacklevel=1)
    os.write(2, b"afterwards\n")
    assert capfd.readouterr().err == "afterwards\n"
    assert logging.getLogger("absl").isEnabledFor(logging.WARNING)


def test_an_exception_is_let_through(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="seven"), hushed():
        raise ValueError("seven")
    os.write(2, b"open\n")
    assert capfd.readouterr().err == "open\n"
