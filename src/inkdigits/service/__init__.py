"""The HTTP service: `uvicorn inkdigits.service:app`, or `inkdigits serve`."""

from inkdigits.service.app import create_app

app = create_app()

__all__ = ["app", "create_app"]
