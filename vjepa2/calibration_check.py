"""Is a calibration still good for the camera as it looks now?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from vjepa2_planner.calibration import (
    CameraId,
    moved_warning,
    overlay,
    read_calibration,
    read_reference,
    reference_path,
    write_picture,
)


def check(path: Path, camera: CameraId, live: NDArray[np.uint8], console: Console) -> list[str]:
    """Print what is to be said of a calibration file, write an overlay; returns the warnings.

    live: what `camera` sees now, uint8 RGB [H, W, 3]. Raises CalibrationError.
    """
    calibration = read_calibration(path, camera)
    console.print(
        f"{path}: {calibration.angle_deg:+.2f}°, of {calibration.date:%Y-%m-%d}", soft_wrap=True
    )
    warnings = [calibration.age_warning()]
    try:
        reference = read_reference(reference_path(path))
    except (OSError, ValueError) as error:
        warnings.append(f"the reference view cannot be read: {error}")
    else:
        warnings.append(moved_warning(reference, live))
        picture = path.with_name(f"{path.stem}_overlay.png")
        write_picture(picture, overlay(reference, live))
        console.print(f"overlay: {picture}", soft_wrap=True)
    found = [warning for warning in warnings if warning]
    for warning in found:
        console.print(f"[yellow]{warning}[/yellow]", soft_wrap=True)
    return found
