"""The ladder as a picture: stairs with what reaches and keeps them, and members flowing from one ladder to the next."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.gamification.tiers.crowd import Flow, Movement, Stair
from app.gamification.tiers.ladder import Level

LOWEST, HIGHEST, FLATTENED = 12, 97, 0.36  # of a picture 100 high
ROW = 52  # pixels between two levels of a flow
THINNEST, THICKEST = 3.0, 26.0


@dataclass(frozen=True)
class Drawn:
    """One stair: heights from the ground, in percent; `share` of all members in tenths of a percent."""

    stair: Stair
    top: float
    keep: float | None
    share: int

    @property
    def level(self) -> Level:
        return self.stair.level


@dataclass(frozen=True)
class Ribbon:
    """Members going from one level to another, as a path in a picture 200 wide."""

    way: str
    path: str
    width: float


@dataclass(frozen=True)
class Stream:
    """Two ladders side by side, the highest level on top, and who goes from one to the other."""

    before: tuple[Level, ...]
    after: tuple[Level, ...]
    ribbons: tuple[Ribbon, ...]
    height: int


def stairs(found: Sequence[Stair]) -> tuple[Drawn, ...]:
    """Stairs that rise with what reaches them, flattened: the highest may need a hundred times the second."""
    most = max((stair.level.threshold for stair in found), default=0)
    total = sum(stair.members for stair in found)
    return tuple(
        Drawn(
            stair,
            _height(stair.level.threshold, most),
            _height(stair.level.keep, most) if 0 < stair.level.keep < stair.level.threshold else None,
            round(1000 * stair.members / total) if total else 0,
        )
        for stair in found
    )


def stream(movement: Movement) -> Stream:
    """Who would move, as ribbons as wide as they are many."""
    before, after = (tuple(reversed(ladder.levels)) for ladder in (movement.live, movement.ladder))
    left = {level.key: _middle(place) for place, level in enumerate(before)}
    right = {level.key: _middle(place) for place, level in enumerate(after)}
    stays = [_ribbon("stay", left[key], right[key], THINNEST) for key in left if key in right]
    most = max((flow.members for flow in movement.flows), default=1)
    moves = [
        _ribbon(flow.way, left[flow.origin.key], right[flow.to.key], _width(flow, most)) for flow in movement.flows
    ]
    return Stream(before, after, (*stays, *moves), ROW * max(len(before), len(after)))


def _height(points: int, most: int) -> float:
    if not points or not most:
        return LOWEST
    return round(LOWEST + (HIGHEST - LOWEST) * (points / most) ** FLATTENED, 2)


def _middle(place: int) -> float:
    return ROW * (place + 0.5)


def _width(flow: Flow, most: int) -> float:
    # By the square root, so that a few beside many are still seen.
    return round(THINNEST + (THICKEST - THINNEST) * (flow.members / most) ** 0.5, 1)


def _ribbon(way: str, start: float, end: float, width: float) -> Ribbon:
    return Ribbon(way, f"M0 {start}C90 {start} 110 {end} 200 {end}", width)
