"""What answers here: which model, how well it did by its card, and whether feedback is taken.

In: requests. Out: JSON, for the page to adapt to. Knows a model's card.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse

from inkdigits import __version__
from inkdigits.service import feedbackschemas
from inkdigits.service.problems import Problem
from inkdigits.service.reception import Direct, engine_of
from inkdigits.service.schemas import problems

router = APIRouter(route_class=Direct)
PATH = "/api/v1/about"
CARD = PATH + "/card"
#: Parts of a card that only a machine wants: the picture by which a loaded model is tried.
_LEFT_OUT = ("golden",)


@router.get(
    PATH,
    tags=["about"],
    summary="What answers here",
    response_model=feedbackschemas.AboutAnswer,
    responses=problems(401, 429, 503),
)
async def about(request: Request) -> JSONResponse:
    """Names the model, its measured accuracy, and whether corrections are stored.

    `measured` is what the model's card says of pictures that it had not learnt from; temperature
    and thresholds were chosen on them.
    """
    served = engine_of(request).models.find()
    settings = request.app.state.settings
    return JSONResponse(
        {
            "version": __version__,
            "keys": request.app.state.settings.keys,
            "feedback": request.app.state.desk.is_open,
            "store": settings.store,
            "store_days": settings.store_days or None,
            "model": {"name": served.reader.name, "version": served.reader.version},
            "measured": None if served.card is None else measured(served.card),
            "card": None if served.card is None else CARD.lstrip("/"),
        }
    )


@router.get(
    CARD,
    tags=["about"],
    summary="The model's card",
    responses={
        200: {"description": "as `inkdigits export` wrote it"},
        **problems(401, 404, 429, 503),
    },
)
async def card(request: Request) -> JSONResponse:
    """What the model was made of and how it was measured. Its members differ between models."""
    card = engine_of(request).models.find().card
    if card is None:
        raise Problem("not-found", "This model has no card.")
    return JSONResponse(public(card))


def public(card: dict[str, Any]) -> dict[str, Any]:
    """A card without what only a machine wants."""
    return {name: value for name, value in card.items() if name not in _LEFT_OUT}


def measured(card: dict[str, Any]) -> dict[str, Any] | None:
    """The figures of a card's `validation`; `None` where they are not all there."""
    figures = card.get("validation")
    if not isinstance(figures, dict):
        return None
    shares = [figures.get(name) for name in ("accuracy", "accepted", "accuracy_accepted")]
    size = figures.get("size")
    sound = all(isinstance(share, int | float) and 0 <= share <= 1 for share in shares)
    if not sound or type(size) is not int or size < 1:
        return None
    accuracy, accepted, accuracy_accepted = shares
    return {
        "what": str(card.get("calibration_data") or "pictures that it did not learn from"),
        "size": size,
        "accuracy": accuracy,
        "accepted": accepted,
        "accuracy_accepted": accuracy_accepted,
    }
