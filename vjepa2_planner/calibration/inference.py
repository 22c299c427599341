"""Which x-y move the world model reads from two pictures (paper, appendix B.4)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from vjepa2_planner.calibration.pairs import Pair
from vjepa2_planner.landscape import NoFiniteEnergyError, Question, lowest_translation
from vjepa2_planner.world_model import WorldModel


@dataclass(frozen=True)
class Grid:
    """The x-y grid that the energy is minimised on; lengths in m.

    radius: largest change along x and along y. resolution: of the finest grid. A coarse grid
    over all of it and finer ones around the minimum need 124 evaluations of the predictor.
    """

    radius: float = 0.075
    resolution: float = 0.004


@dataclass
class Moves:
    """Moves as executed and as inferred, in step with one another; those left out are counted."""

    inferred: list[NDArray[np.float64]] = field(default_factory=list)
    executed: list[NDArray[np.float64]] = field(default_factory=list)
    left_out: int = 0

    def add(self, inferred: NDArray[np.float64] | None, executed: NDArray[np.float64]) -> None:
        """Append a move [2] in m; None, where the model could infer none, is left out."""
        if inferred is None or not np.isfinite(executed).all():
            self.left_out += 1
            return
        self.inferred.append(inferred)
        self.executed.append(np.asarray(executed, dtype=np.float64))

    def arrays(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Inferred and executed moves [M, 2] in m: A and B of the paper."""
        return np.reshape(self.inferred, (-1, 2)), np.reshape(self.executed, (-1, 2))


def inferred_move(question: Question, grid: Grid | None = None) -> NDArray[np.float64] | None:
    """The x-y change [2] in m of least energy; None where no energy is finite.

    One step ahead, with the later picture as the goal; z, rotation and gripper stay at 0, as they
    were executed.
    """
    grid = grid or Grid()
    try:
        lowest = lowest_translation(
            question, axes="xy", radius=grid.radius, resolution=grid.resolution
        )
    except NoFiniteEnergyError:
        return None
    return lowest.action[:2].numpy().astype(np.float64)


@torch.no_grad()
def infer_moves(
    world_model: WorldModel[Any], pairs: Iterable[Pair], grid: Grid | None = None
) -> Moves:
    """The moves of all pairs; pairs without a finite energy are left out and counted."""
    moves = Moves()
    for pair in pairs:
        moves.add(_inferred(world_model, pair, grid), pair.executed)
    return moves


def _inferred(
    world_model: WorldModel[Any], pair: Pair, grid: Grid | None
) -> NDArray[np.float64] | None:
    if not np.isfinite(pair.state).all():
        return None
    state = torch.as_tensor(pair.state, dtype=torch.float32)
    before, after = (world_model.encode(frame[None]) for frame in (pair.before, pair.after))
    return inferred_move(Question(world_model, before, state, after), grid)
