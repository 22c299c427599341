"""The camera's rotation from inferred and executed moves (paper, appendix B.4)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vjepa2_planner.calibration.code import CalibrationCode, CalibrationError
from vjepa2_planner.calibration.turning import Matrix, angle_deg, nearest_rotation

MIN_PAIRS = 10
"""Fewer usable pairs are not solved at all."""
FITTED_SHARE = 0.7
"""Of the pairs; the rest is held out."""
MIN_MOTION_M = 0.002
"""Median length under which moves are none: measurement noise of an arm that stands."""


@dataclass(frozen=True, eq=False)
class Solution:
    """A rotation and how well it explains moves that it was not solved from.

    rotation: W̄ [2, 2]; a planned x-y as a row vector times W̄ is what the arm has to execute.
    pairs: usable ones, fitted and held out. left_out: those that no move was inferred for.
    condition_number: of A [fitted, 2], ratio of its singular values; the paper's is about 1.5.
    error_before, error_after: mean absolute error on the held-out moves in m, without and with
    the rotation; absolute is the length of the difference, never below that of one component.
    inferred, executed: the held-out moves [M, 2] in m.
    """

    rotation: Matrix
    pairs: int
    left_out: int
    condition_number: float
    error_before: float
    error_after: float
    inferred: NDArray[np.float64]
    executed: NDArray[np.float64]

    @property
    def angle_deg(self) -> float:
        """θ: how far W̄ turns a planned x-y, counter-clockwise seen from above [degrees]."""
        return angle_deg(self.rotation)


def solve(
    inferred: NDArray[np.float64],
    executed: NDArray[np.float64],
    *,
    left_out: int = 0,
    seed: int = 0,
) -> Solution:
    """Solve B ≈ A W by least squares and take the rotation nearest to W.

    inferred, executed: A and B [N, 2] in m, a move a row. seed: of the split into fitted and
    held-out moves. Raises :class:`CalibrationError` TOO_FEW_PAIRS or DEGENERATE.
    """
    inferred, executed = (np.asarray(moves, dtype=np.float64) for moves in (inferred, executed))
    _check(inferred, executed, left_out)
    order = np.random.default_rng(seed).permutation(len(inferred))
    fitted, held_out = np.split(order, [round(FITTED_SHARE * len(order))])
    weights = np.linalg.lstsq(inferred[fitted], executed[fitted], rcond=None)[0].astype(np.float64)
    sizes = np.linalg.svd(inferred[fitted], compute_uv=False)
    if sizes[1] < 1e-6 * sizes[0] or np.linalg.norm(weights) < 1e-6:
        raise CalibrationError(
            CalibrationCode.DEGENERATE,
            "the inferred moves lie on one line, or have nothing to do with the executed ones: "
            "the world model does not see the moves; see that the camera shows the arm",
        )
    rotation = nearest_rotation(weights)
    a, b = inferred[held_out], executed[held_out]
    return Solution(
        rotation=rotation,
        pairs=len(inferred),
        left_out=left_out,
        condition_number=float(sizes[0] / sizes[1]),
        error_before=_error(a, b),
        error_after=_error(a @ rotation, b),
        inferred=a,
        executed=b,
    )


def _error(inferred: NDArray[np.float64], executed: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(inferred - executed, axis=1).mean())


def _check(inferred: NDArray[np.float64], executed: NDArray[np.float64], left_out: int) -> None:
    if inferred.shape != executed.shape or inferred.ndim != 2 or inferred.shape[1] != 2:
        raise ValueError(
            f"moves must be [N, 2] and as many, not {inferred.shape} and {executed.shape}"
        )
    if len(inferred) < MIN_PAIRS:
        raise CalibrationError(
            CalibrationCode.TOO_FEW_PAIRS,
            f"{len(inferred)} usable pairs, {MIN_PAIRS} are the least ({left_out} were left out "
            "for want of a finite energy): record more moves",
        )
    if not (np.isfinite(inferred).all() and np.isfinite(executed).all()):
        raise CalibrationError(CalibrationCode.DEGENERATE, "some moves are not finite")
    for name, moves in (("inferred", inferred), ("executed", executed)):
        if np.median(np.linalg.norm(moves, axis=1)) < MIN_MOTION_M:
            raise CalibrationError(
                CalibrationCode.DEGENERATE,
                f"there is no motion: half of the {name} moves are under "
                f"{1000 * MIN_MOTION_M:g} mm; see that the arm is free to move and in the picture",
            )
