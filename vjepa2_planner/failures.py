"""Why no action could be planned."""

from enum import IntEnum


class PlanningFault(IntEnum):
    """Numeric codes, stable: they go into logs and messages."""

    STATE_NOT_FINITE = 1
    TOO_FEW_FINITE_ENERGIES = 2
    PLAN_ENERGY_NOT_FINITE = 3


class PlanningFailure(RuntimeError):  # noqa: N818 - it is no programming error
    """Raised instead of returning an action; ``code`` says why."""

    def __init__(self, code: PlanningFault, message: str) -> None:
        super().__init__(f"{code.name}: {message}")
        self.code = code
