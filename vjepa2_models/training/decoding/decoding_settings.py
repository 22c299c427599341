"""Settings of the frame decoder's training, as its YAML files have them (paper, B.3)."""

from dataclasses import dataclass
from typing import Any

from vjepa2_models.frame_decoder import FrameDecoderDimensions
from vjepa2_models.training.clips.clip_sources import ClipRequest
from vjepa2_models.training.engine.engine_settings import EngineSettings
from vjepa2_models.training.engine.settings_file import as_mapping


@dataclass(frozen=True)
class DecodingSettings:
    """All settings of the frame decoder's training.

    Attributes:
        decoder: its sizes.
        engine: steps, rates and everything else that all trainings share; a row is a clip.
        clip_frames: frames of a clip, each encoded and decoded by itself.
        fps: frames per second of a clip.
        held_out: share of the episodes that is kept to validate on.
        held_out_clips: how many clips to validate on.
    """

    decoder: FrameDecoderDimensions
    engine: EngineSettings
    clip_frames: int = 4
    fps: float = 4.0
    held_out: float = 0.02
    held_out_clips: int = 16

    def __post_init__(self) -> None:
        if min(self.clip_frames, self.held_out_clips) < 1 or not self.fps > 0:
            raise ValueError("clip_frames, held_out_clips and fps must be positive")
        if not 0 < self.held_out < 1:
            raise ValueError(f"held_out must be over 0 and under 1, not {self.held_out}")

    def identity(self) -> dict[str, Any]:
        """The settings that a resumed training must share: all that its result depends on."""
        values = as_mapping(self)
        del values["held_out_clips"]
        values["engine"] = self.engine.identity()
        return values

    @property
    def request(self) -> ClipRequest:
        """The clips to read."""
        return ClipRequest(self.clip_frames, self.fps)
