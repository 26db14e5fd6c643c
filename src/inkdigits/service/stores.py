"""The stores that the settings name, opened; or why not.

In: settings. Out: a store of corrections, of predictions, of keys. Knows which failures stay: the
service does not start with them, while it waits for a database that may come.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from inkdigits.errors import InkdigitsError, MissingExtraError, StoreError
from inkdigits.service.settings import Settings

if TYPE_CHECKING:
    from inkdigits.store.feedback import FeedbackStore
    from inkdigits.store.keys import KeyStore
    from inkdigits.store.predictions import PredictionStore

logger = logging.getLogger("inkdigits.service")


def feedback(settings: Settings) -> FeedbackStore:
    """The store of corrections. Blocks.

    Raises:
        StoreError: it cannot be used.
        MissingExtraError: what it needs is not installed.
    """
    with _needing_extra():
        from inkdigits.store.feedback import FeedbackStore
    return FeedbackStore(settings.place, max_rows=settings.feedback_rows)


def predictions(settings: Settings) -> PredictionStore:
    """The store of predictions. Blocks; raises as `feedback` does."""
    with _needing_extra():
        from inkdigits.store.predictions import PredictionStore
    return PredictionStore(settings.place)


def keys(settings: Settings) -> KeyStore:
    """The store of keys. Blocks; raises as `feedback` does."""
    with _needing_extra():
        from inkdigits.store.keys import KeyStore
    return KeyStore(settings.place)


def prove(settings: Settings) -> None:
    """Open what is to be kept in, and close it: who asks for a store wants to know at once.

    Raises:
        InkdigitsError: it cannot be used, and waiting will not help.
    """
    if not settings.feedback and settings.store == settings.keys == "off":
        return
    try:
        predictions(settings).close()
    except StoreError as error:
        if error.code != "store-unavailable":
            raise  # and a database that is down is waited for


def tell(error: InkdigitsError, who: str) -> None:
    """Log why a store is not there yet; what will never be ends the start.

    Raises:
        StoreError: `bad-store`.
    """
    logger.error("%s unavailable: %s", who, error)
    if error.code == "bad-store":
        raise error


@contextmanager
def _needing_extra() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("sqlalchemy", "alembic"):
            raise
        package = {"sqlalchemy": "SQLAlchemy"}.get(str(error.name), "Alembic")
        raise MissingExtraError(package, "store") from None
