"""Which clips stage 2 is trained on."""

from dataclasses import dataclass

from vjepa2_models.training.clips.clip_crop import ClipCrops


@dataclass(frozen=True)
class ClipSettings:
    """Clips of an episode (paper, B.1).

    Attributes:
        frames: of a clip.
        fps: frames a second; the stride is ceil(video's / fps), the official rule.
        camera: which of DROID's views.
        crop: the same random rectangle for all frames of a clip; None shows whole frames, cropped
            as at inference.
    """

    frames: int = 16
    fps: float = 4.0
    camera: str = "left"
    crop: ClipCrops | None = None

    def __post_init__(self) -> None:
        if self.frames < 2:
            raise ValueError(f"a clip needs at least 2 frames, not {self.frames}")
        if not self.fps > 0:
            raise ValueError(f"fps must be over 0, not {self.fps}")
