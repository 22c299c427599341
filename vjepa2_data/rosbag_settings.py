"""How to cut a bag into episodes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vjepa2_data.recording import check_camera_name


@dataclass(frozen=True)
class ConversionSettings:
    """How to cut a bag into episodes. Seconds, unless said otherwise.

    Topics are found under a namespace too. fps: None keeps the camera's own rate. max_gap: a
    longer pause between pictures ends an episode. max_state_gap: a picture between states further
    apart is dropped. min_seconds: a shorter episode is skipped; 4 s hold a clip of 16 frames at
    4 fps. max_seconds: a longer episode is cut into equal parts, as each is held in memory once.
    camera: name of the video; its view is "left".
    """

    image_topic: str = "camera/image_raw"
    state_topic: str = "end_effector_state"
    fps: float | None = None
    max_gap: float = 0.25
    max_state_gap: float = 0.1
    min_seconds: float = 4.0
    max_seconds: float = 60.0
    camera: str = "external"

    def __post_init__(self) -> None:
        check_camera_name(self.camera)
        for name in ("fps", "max_gap", "max_state_gap", "min_seconds", "max_seconds"):
            value = getattr(self, name)
            if value is not None and not (np.isfinite(value) and value > 0):
                raise ValueError(f"{name} is {value}; it must be positive")
        if self.max_seconds < 2 * self.min_seconds:
            raise ValueError(
                f"max_seconds ({self.max_seconds}) must be at least twice min_seconds "
                f"({self.min_seconds}), so that no part of a cut episode is too short; change one"
            )
