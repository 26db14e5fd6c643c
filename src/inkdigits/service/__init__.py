"""The HTTP service: `uvicorn inkdigits.service:app`, or `inkdigits serve`.

`app` is made of the environment when it is first asked for: `inkdigits serve` has options too, and
makes its own.
"""

import sys
from functools import cached_property
from types import ModuleType

from fastapi import FastAPI

from inkdigits.service.app import create_app

app: FastAPI


class _Package(ModuleType):
    """This package, whose `app` is the application and never the module of that name."""

    @cached_property
    def _application(self) -> FastAPI:
        return create_app()

    @property
    def app(self) -> FastAPI:
        """The application."""
        return self._application

    @app.setter
    def app(self, _: object) -> None:
        """Python sets the module here when it is imported."""


del sys.modules[__name__].__dict__["app"]
sys.modules[__name__].__class__ = _Package

__all__ = ["app", "create_app"]
