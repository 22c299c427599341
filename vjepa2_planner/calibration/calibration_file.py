"""A camera's calibration as a JSON file, with its reference view as a PNG beside it."""

import json
import math
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vjepa2_planner.calibration.code import CalibrationCode, CalibrationError
from vjepa2_planner.calibration.reference_view import ReferenceView, write_reference
from vjepa2_planner.calibration.solution import Solution
from vjepa2_planner.calibration.turning import angle_deg, checked_rotation

KIND = "vjepa2 camera calibration"
VERSION = 1
MAX_AGE_DAYS = 30.0
LARGEST = 2**31


@dataclass(frozen=True)
class CameraId:
    """Which camera a calibration belongs to; its serial may be empty, its size is in px."""

    serial: str
    stream: str
    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.serial or 'no serial'}, {self.stream}, {self.width} x {self.height} px"


@dataclass(frozen=True, eq=False)
class Calibration:
    """A rotation that passed, W̄ [2, 2], with its figures; lengths in m; see `Solution`."""

    camera: CameraId
    date: datetime  # with a time zone
    rotation: NDArray[np.float64]
    pairs: int
    condition_number: float
    error_before: float
    error_after: float

    @property
    def angle_deg(self) -> float:
        """θ, counter-clockwise seen from above [degrees]."""
        return angle_deg(self.rotation)

    def age_warning(self, now: datetime | None = None, max_days: float = MAX_AGE_DAYS) -> str:
        """A sentence where it is older than ``max_days``; else empty."""
        age = (now or datetime.now(UTC)) - self.date
        if age <= timedelta(days=max_days):
            return ""
        return f"the calibration is {age.days} days old, over {max_days:g}: calibrate again"


def calibration_of(solution: Solution, camera: CameraId, date: datetime) -> Calibration:
    """What is kept of a solution."""
    return Calibration(
        camera,
        date,
        solution.rotation,
        solution.pairs,
        solution.condition_number,
        solution.error_before,
        solution.error_after,
    )


def reference_path(path: Path) -> Path:
    """Where the reference view of a calibration file is."""
    return path.with_suffix(".png")


def write_calibration(
    path: Path, calibration: Calibration, reference: ReferenceView | None = None
) -> None:
    """Write file and reference view. Raises :class:`CalibrationError` CANNOT_WRITE."""
    fields = {
        "kind": KIND,
        "version": VERSION,
        "camera": asdict(calibration.camera),
        "date": calibration.date.isoformat(timespec="seconds"),
        "rotation": calibration.rotation.tolist(),
        "angle_deg": calibration.angle_deg,
        "pairs": calibration.pairs,
        "condition_number": calibration.condition_number,
        "error_before_m": calibration.error_before,
        "error_after_m": calibration.error_after,
    }
    if path.suffix == ".png":
        raise CalibrationError(
            CalibrationCode.CANNOT_WRITE, f"{path}: the reference view has that name; use .json"
        )
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if reference is not None:
            write_reference(reference_path(path), reference)
        partial.write_text(json.dumps(fields, indent=1, allow_nan=False) + "\n")
        partial.replace(path)
    except (OSError, ValueError) as error:
        raise CalibrationError(CalibrationCode.CANNOT_WRITE, f"{path}: {error}") from error


def read_calibration(path: Path, camera: CameraId | None = None) -> Calibration:
    """The calibration of a file; ``camera``: the one that it is going to be used with.

    Raises :class:`CalibrationError`: CANNOT_READ, or WRONG_CAMERA where it is another's.
    """
    try:
        if path.exists() and not path.is_file():
            raise ValueError("this is no file")  # a device or a pipe would be read for ever
        calibration = _parsed(json.loads(path.read_text()))
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        reason = f"lacks {error}" if isinstance(error, KeyError) else str(error)
        raise CalibrationError(CalibrationCode.CANNOT_READ, f"{path}: {reason}") from error
    if camera is not None and camera != calibration.camera:
        raise CalibrationError(
            CalibrationCode.WRONG_CAMERA,
            f"{path} belongs to camera {calibration.camera}; this one is {camera}: calibrate it",
        )
    return calibration


def _parsed(fields: Any) -> Calibration:
    if not isinstance(fields, dict) or fields.get("kind") != KIND:
        raise ValueError("this is no camera calibration")
    if fields["version"] != VERSION:
        raise ValueError(f"version {fields['version']} is not known; this reads {VERSION}")
    date = datetime.fromisoformat(fields["date"])
    return Calibration(
        camera_id(fields["camera"]),
        date if date.tzinfo else date.replace(tzinfo=UTC),
        checked_rotation(np.array(fields["rotation"], dtype=np.float64)),
        _whole(fields["pairs"], "pairs"),
        _finite(fields["condition_number"], "condition_number"),
        _finite(fields["error_before_m"], "error_before_m"),
        _finite(fields["error_after_m"], "error_after_m"),
    )


def camera_id(fields: Any) -> CameraId:
    """Of what JSON has of one. Raises ValueError, TypeError or KeyError for anything else."""
    serial, stream = fields["serial"], fields["stream"]
    if not isinstance(serial, str) or not isinstance(stream, str):
        raise ValueError("serial and stream of a camera are texts")
    width, height = (_whole(fields[name], name) for name in ("width", "height"))
    return CameraId(serial, stream, width, height)


def _whole(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < LARGEST:
        raise ValueError(
            f"{name} must be a whole number from 0 on, not this {type(value).__name__}"
        )
    return value


def _finite(value: Any, name: str) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{name} must be a finite number, not {number}")
    return number
