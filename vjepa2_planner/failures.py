"""Why no action could be planned, and why a pursuit could not go on."""

from enum import IntEnum

from vjepa2_planner.step import Outcome


class PlanningFault(IntEnum):
    """Numeric codes, stable: they go into logs and messages."""

    STATE_NOT_FINITE = 1
    TOO_FEW_FINITE_ENERGIES = 2
    PLAN_ENERGY_NOT_FINITE = 3
    ACTION_NOT_FINITE = 4


class PlanningFailure(RuntimeError):  # noqa: N818 - it is no programming error
    """Raised instead of returning an action; ``code`` says why."""

    def __init__(self, code: PlanningFault, message: str) -> None:
        super().__init__(f"{code.name}: {message}")
        self.code = code


class PursuitFailure(RuntimeError):  # noqa: N818 - it is no programming error
    """A camera, an arm or a world model that is out of reach; ends a pursuit with ``outcome``."""

    def __init__(self, outcome: Outcome, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.code = code
