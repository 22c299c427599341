"""PASS or FAIL, and why."""

from dataclasses import dataclass

from vjepa2_planner.calibration.solution import Solution


@dataclass(frozen=True)
class Thresholds:
    """What a calibration must keep to be used.

    condition_number: of the inferred moves, at most (the paper's: about 1.5).
    error_m: mean absolute error after the rotation on held-out moves, at most (the paper's:
    1.6 cm on moves of about 5 cm). pairs: usable ones, at least.
    """

    condition_number: float = 3.0
    error_m: float = 0.02
    pairs: int = 50

    def __post_init__(self) -> None:
        if not (self.condition_number >= 1 and self.error_m > 0 and self.pairs >= 1):
            raise ValueError(f"thresholds must be at least 1, over 0 and at least 1, not {self}")


@dataclass(frozen=True)
class Verdict:
    """reasons: one sentence for each threshold that was not kept; none where it passed."""

    reasons: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether the rotation is to be trusted."""
        return not self.reasons

    def __str__(self) -> str:
        return "PASS" if self.passed else "FAIL"


def judge(solution: Solution, thresholds: Thresholds | None = None) -> Verdict:
    """Hold a solution against the thresholds."""
    limits = thresholds or Thresholds()
    reasons = []
    if not solution.pairs >= limits.pairs:
        reasons.append(
            f"{solution.pairs} usable pairs are under {limits.pairs}: record more moves"
            + (f" ({solution.left_out} had no finite energy)" if solution.left_out else "")
        )
    if not solution.condition_number <= limits.condition_number:
        reasons.append(
            f"condition number {solution.condition_number:.2f} is over "
            f"{limits.condition_number:g}: the model tells one direction much worse than the "
            "other; place the camera nearer to where the model was trained, and higher"
        )
    if not solution.error_after <= limits.error_m:
        reasons.append(
            f"error {100 * solution.error_after:.1f} cm is over {100 * limits.error_m:g} cm: "
            "the rotation does not explain the moves; see that the arm fills the picture, nothing "
            "else moves in it and the hand is turned as in the data that the model was trained "
            "on, or place the camera nearer to where that was"
        )
    return Verdict(tuple(reasons))
