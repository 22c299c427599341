"""Random moves in the x-y plane: how the arm goes about a calibration (appendix B.4)."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

MOVES = 200
"""Default number of moves."""
MAX_MOVES = 2000
"""More would take an hour and add nothing."""
ATTEMPTS = 200
"""Directions that are tried for one move before it is given up."""


@dataclass(frozen=True)
class MoveArea:
    """Where the hand may go: a rectangle of x and y [m], in the robot's base frame."""

    lower: tuple[float, float] = (0.39, -0.11)
    upper: tuple[float, float] = (0.61, 0.11)

    def __post_init__(self) -> None:
        numbers = (*self.lower, *self.upper)
        if not all(map(math.isfinite, numbers)) or not (
            self.lower[0] < self.upper[0] and self.lower[1] < self.upper[1]
        ):
            raise ValueError(f"an area needs lower < upper in x and y, not {numbers}")

    @property
    def centre(self) -> NDArray[np.float64]:
        """The middle, x y [2] in m."""
        centre: NDArray[np.float64] = (np.array(self.lower) + np.array(self.upper)) / 2
        return centre

    def contains(self, place: ArrayLike) -> bool:
        """Whether x y [2] lies in it."""
        point = np.asarray(place, dtype=np.float64)
        return bool((point >= np.array(self.lower)).all() and (point <= self.upper).all())


@dataclass(frozen=True, eq=False)
class MovePlan:
    """What the arm is going to do.

    start: x y [2] in m. deltas: x y changes [N, 2] in m, one after the other. area: that all of
    the way lies in.
    """

    start: NDArray[np.float64]
    deltas: NDArray[np.float64]
    area: MoveArea

    @property
    def path(self) -> NDArray[np.float64]:
        """Every place from the start on, [N + 1, 2] in m."""
        places: NDArray[np.float64] = self.start + self.deltas.cumsum(axis=0)
        return np.concatenate([self.start[None], places])

    def seconds(self, seconds_per_move: float) -> float:
        """Estimate of the time that all moves take."""
        return len(self.deltas) * seconds_per_move


def plan_moves(
    start: ArrayLike,
    area: MoveArea,
    *,
    count: int = MOVES,
    seed: int = 0,
    length: float = 0.05,
) -> MovePlan:
    """``count`` moves of ``length`` m in random directions, none of which leaves the area.

    start: x y [2] in m. The same seed gives the same moves. Raises ValueError where the start
    lies outside, or the area is too small for such moves.
    """
    place = np.asarray(start, dtype=np.float64)
    if not 1 <= count <= MAX_MOVES:
        raise ValueError(f"a calibration has 1 to {MAX_MOVES} moves, not {count}")
    if not (math.isfinite(length) and length > 0):
        raise ValueError(f"the length of a move must be positive, not {length} m")
    if place.shape != (2,) or not area.contains(place):
        raise ValueError(
            f"the arm stands at x y {np.round(place, 3).tolist()} m, outside the area from "
            f"{list(area.lower)} to {list(area.upper)}: move it inside first"
        )
    rng, deltas = np.random.default_rng(seed), []
    for _ in range(count):
        delta = _inside(place, area, length, rng)
        deltas.append(delta)
        place = place + delta
    return MovePlan(np.asarray(start, dtype=np.float64), np.array(deltas), area)


def _inside(
    place: NDArray[np.float64], area: MoveArea, length: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    for angle in rng.uniform(-math.pi, math.pi, ATTEMPTS):
        delta = length * np.array([math.cos(angle), math.sin(angle)])
        if area.contains(place + delta):
            return delta
    raise ValueError(
        f"an area from {list(area.lower)} to {list(area.upper)} has no room for moves of "
        f"{length} m: enlarge it or shorten them"
    )
