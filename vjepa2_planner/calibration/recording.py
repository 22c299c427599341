"""A folder of recorded pairs, and which camera they are from."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from vjepa2_planner.calibration.calibration_file import CameraId, camera_id
from vjepa2_planner.calibration.code import CalibrationCode, CalibrationError
from vjepa2_planner.calibration.pairs import Pair, check_pairs, count_pairs, write_pair

CAMERA = "camera.json"


def recorded(pairs: Iterable[Pair], folder: Path, camera: CameraId) -> Iterator[Pair]:
    """The pairs, each written as soon as it is there, so that an interruption loses none.

    Raises :class:`CalibrationError` CANNOT_WRITE, also where the folder holds pairs already.
    """
    if count_pairs(folder):
        raise CalibrationError(
            CalibrationCode.CANNOT_WRITE,
            f"{folder} already holds recorded pairs, which would be mixed: give a new folder",
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / CAMERA).write_text(json.dumps(asdict(camera), indent=1) + "\n")
        for index, pair in enumerate(pairs):
            write_pair(folder, index, pair)
            yield pair
    except OSError as error:
        raise CalibrationError(CalibrationCode.CANNOT_WRITE, f"{folder}: {error}") from error


def recorded_camera(folder: Path) -> CameraId:
    """Which camera recorded the folder. Raises :class:`CalibrationError` CANNOT_READ."""
    check_pairs(folder)
    try:
        return camera_id(json.loads((folder / CAMERA).read_text()))
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise CalibrationError(
            CalibrationCode.CANNOT_READ, f"{folder / CAMERA}: {error}"
        ) from error
