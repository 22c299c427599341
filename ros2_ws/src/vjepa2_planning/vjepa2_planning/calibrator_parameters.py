"""The calibrator's parameters, and what they amount to."""

from __future__ import annotations

from vjepa2_node.parameters import Parameter, Values
from vjepa2_planner.calibration import Grid, MoveArea, Thresholds
from vjepa2_planner.calibration.calibration_file import MAX_AGE_DAYS
from vjepa2_planner.calibration.moves import MAX_MOVES, MOVES
from vjepa2_planning.waiting_parameters import WAITING

AREA, GRID, LIMITS = MoveArea(), Grid(), Thresholds()
PARAMETERS = (
    Parameter(
        "calibration_file",
        "",
        "calibration that is loaded on activation; empty: plans are used as they are",
    ),
    Parameter("moves", MOVES, "moves of a calibration that asks for no number", 10, MAX_MOVES),
    Parameter("move_length", 0.05, "length of each move [m]", 0.01, 0.1),
    Parameter(
        "area_lower", list(AREA.lower), "least x and y of the moves [m]", -1.0, 1.0, length=2
    ),
    Parameter(
        "area_upper", list(AREA.upper), "largest x and y of the moves [m]", -1.0, 1.0, length=2
    ),
    Parameter("grid_radius", GRID.radius, "moves are inferred up to it [m]", 0.025, 0.3),
    Parameter("grid_resolution", GRID.resolution, "and to this resolution [m]", 0.0005, 0.02),
    Parameter("seconds_per_move", 1.5, "estimate of the preview [s]", 0.01, 60.0),
    Parameter(
        "max_condition_number",
        LIMITS.condition_number,
        "a calibration passes up to this condition number of the inferred moves",
        1.0,
        1000.0,
    ),
    Parameter(
        "max_error", LIMITS.error_m, "and up to this mean error on held-out moves [m]", 0.001, 0.2
    ),
    Parameter("min_pairs", LIMITS.pairs, "and from so many usable moves on", 10, 2000),
    Parameter("max_age", MAX_AGE_DAYS, "an older calibration is flagged [days]", 0.0, 3650.0),
    Parameter("settle_time", 0.2, "an image counts so long after a motion's end [s]", 0.0, 10.0),
    *WAITING,
)


def check(values: Values) -> None:
    """Raises ValueError for values that do not go together."""
    area_from(values)
    if values["grid_radius"] < values["move_length"]:
        raise ValueError("grid_radius must not be under move_length: no move could be inferred")


def area_from(values: Values) -> MoveArea:
    """Where the hand may go; ValueError for an empty area."""
    (x, y), (u, v) = values["area_lower"], values["area_upper"]
    return MoveArea((x, y), (u, v))


def grid_from(values: Values) -> Grid:
    """That moves are inferred on."""
    return Grid(values["grid_radius"], values["grid_resolution"])


def thresholds_from(values: Values) -> Thresholds:
    """For PASS."""
    return Thresholds(values["max_condition_number"], values["max_error"], values["min_pairs"])
