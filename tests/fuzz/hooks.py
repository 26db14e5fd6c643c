"""What Schemathesis is told in Python: which of its requests say nothing.

A form cannot hold an empty list: the field is left out, and the request is then a right one.
"""

from __future__ import annotations

from typing import Any

import schemathesis

LISTS = {"images", "pixels", "strokes", "inputs"}


@schemathesis.hook
def filter_body(_: Any, body: Any) -> bool:
    """Whether a body is sent."""
    if not isinstance(body, dict):
        return True
    return not any(value == [] and name not in LISTS for name, value in body.items())
