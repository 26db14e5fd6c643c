"""The score sheet with its reference, and a reader that answers what it is told to."""

from __future__ import annotations

import pytest
from PIL import Image

from inkdigits.forms.template import Template
from tests.forms import made


@pytest.fixture(scope="session")
def sheet_template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The score sheet, found by its print."""
    path = tmp_path_factory.mktemp("form") / "blank.png"
    Image.fromarray(made.blank()).save(path)
    return made.template(anchors="print", reference=path)
