"""Camera-rotation calibration (paper, appendix B.4): solve, keep, check and apply a rotation."""

from vjepa2_planner.calibration.calibration_file import (
    Calibration,
    CameraId,
    calibration_of,
    read_calibration,
    reference_path,
    write_calibration,
)
from vjepa2_planner.calibration.code import CalibrationCode, CalibrationError
from vjepa2_planner.calibration.inference import Grid, Moves, infer_moves, inferred_move
from vjepa2_planner.calibration.moves import MoveArea, MovePlan, plan_moves
from vjepa2_planner.calibration.pairs import Pair, count_pairs, read_pairs, write_pair
from vjepa2_planner.calibration.plot import plot_calibration
from vjepa2_planner.calibration.recording import recorded, recorded_camera
from vjepa2_planner.calibration.reference_view import (
    ReferenceView,
    agreement,
    moved_warning,
    overlay,
    read_reference,
    reference_view,
    write_picture,
)
from vjepa2_planner.calibration.rotated_planner import RotatedPlanner
from vjepa2_planner.calibration.solution import Solution, solve
from vjepa2_planner.calibration.turning import angle_deg, nearest_rotation, turn
from vjepa2_planner.calibration.verdict import Thresholds, Verdict, judge
from vjepa2_planner.calibration.walk import Walked, walk

__all__ = [
    "Calibration",
    "CalibrationCode",
    "CalibrationError",
    "CameraId",
    "Grid",
    "MoveArea",
    "MovePlan",
    "Moves",
    "Pair",
    "ReferenceView",
    "RotatedPlanner",
    "Solution",
    "Thresholds",
    "Verdict",
    "Walked",
    "agreement",
    "angle_deg",
    "calibration_of",
    "count_pairs",
    "infer_moves",
    "inferred_move",
    "judge",
    "moved_warning",
    "nearest_rotation",
    "overlay",
    "plan_moves",
    "plot_calibration",
    "read_calibration",
    "read_pairs",
    "read_reference",
    "recorded",
    "recorded_camera",
    "reference_path",
    "reference_view",
    "solve",
    "turn",
    "walk",
    "write_calibration",
    "write_pair",
    "write_picture",
]
