"""Settings of stage 1, as its YAML files have them (paper, A.1)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vjepa2_models.dimensions import Dimensions
from vjepa2_models.training.clips.clip_crop import ClipCrops
from vjepa2_models.training.clips.mixture import Mixture
from vjepa2_models.training.clips.source_settings import SourceSettings
from vjepa2_models.training.engine.engine_settings import EngineSettings
from vjepa2_models.training.engine.settings_file import as_mapping
from vjepa2_models.training.pretraining.masks import (
    LONG_RANGE,
    SHORT_RANGE,
    MaskSettings,
    TokenGrid,
)


@dataclass(frozen=True)
class PhaseSettings:
    """What the networks see during a phase of the training.

    Attributes:
        frames: length of a clip; a multiple of the tubelet size.
        img_size: edge of a frame in pixels; a multiple of the patch size.
        fps: frames per second of a clip.
        crops: random resized crops; None shows whole frames, cropped as at inference.
    """

    frames: int
    img_size: int
    fps: float = 4.0
    crops: ClipCrops | None = None


@dataclass(frozen=True)
class PretrainingSettings:
    """All settings of stage 1.

    Attributes:
        model: sizes of the networks.
        sources: the mixture of data.
        clips: during warm-up and at the constant rate.
        cooldown: while the learning rate falls; more frames and pixels (paper, section 2.3).
        engine: steps, rates and everything else that both stages share.
        masks: one pass of the predictor for each kind.
        ema: share of the teacher that stays at each step; fixed.
        gradient_checkpointing: less memory for a third more computation.
        start: checkpoint whose weights to start from, of this stage or an official one.
        held_out: share of each source's files that is kept to validate on; 0 trains on all and
            validates on clips of the training.
        held_out_clips: how many clips to validate on.
        probe_episodes: how many held-out episodes rank energies against distances.
        least_spread: feature spread under which the training is said to collapse.
    """

    model: Dimensions
    sources: tuple[SourceSettings, ...]
    clips: PhaseSettings
    cooldown: PhaseSettings
    engine: EngineSettings
    masks: tuple[MaskSettings, ...] = (SHORT_RANGE, LONG_RANGE)
    ema: float = 0.99925
    gradient_checkpointing: bool = False
    start: str | None = None
    held_out: float = 0.01
    held_out_clips: int = 64
    probe_episodes: int = 24
    least_spread: float = 0.1

    def __post_init__(self) -> None:
        for phase in (self.clips, self.cooldown):
            self.grid(phase)
        if not 0 < self.ema < 1:
            raise ValueError(f"ema must be over 0 and under 1, not {self.ema}")
        if self.held_out_clips < 2:
            raise ValueError(f"held_out_clips must be at least 2, not {self.held_out_clips}")
        if not self.masks or not self.sources:
            raise ValueError("at least one source and one kind of mask are needed")

    def identity(self) -> dict[str, Any]:
        """The settings that a resumed training must share: all that its result depends on."""
        values = as_mapping(self)
        for name in ("held_out_clips", "probe_episodes", "least_spread"):
            del values[name]
        values["engine"] = self.engine.identity()
        return values

    def phase(self, step: int) -> PhaseSettings:
        """What a step shows, counted from 0."""
        return self.cooldown if self.engine.schedule.cooling(step) else self.clips

    def grid(self, phase: PhaseSettings) -> TokenGrid:
        """Tokens of a phase's clips."""
        tubelet, patch = self.model.tubelet_size, self.model.patch_size
        if phase.frames % tubelet or phase.img_size % patch or min(phase.frames, phase.fps) <= 0:
            raise ValueError(
                f"clips of {phase.frames} frames of {phase.img_size} px at {phase.fps} fps: "
                f"frames must be a multiple of {tubelet}, pixels of {patch}"
            )
        side = phase.img_size // patch
        return TokenGrid(phase.frames // tubelet, side, side)

    def open_mixture(self, folder: Path) -> Mixture:
        """The sources under a folder."""
        return Mixture(
            tuple(source.open(folder) for source in self.sources),
            tuple(source.weight for source in self.sources),
            self.engine.seed,
        )
