"""Settings of stage 2, as a YAML file holds them."""

import math
from dataclasses import dataclass
from typing import Any, Literal

from vjepa2_models.dimensions import RELEASED, Dimensions
from vjepa2_models.training.clips.clip_settings import ClipSettings
from vjepa2_models.training.engine.engine_settings import EngineSettings
from vjepa2_models.training.engine.settings_file import as_mapping
from vjepa2_models.training.post_training.losses import RolloutLoss


@dataclass(frozen=True)
class PostTraining:
    """Action-conditioned post-training (paper, 3.1 and B.1).

    Attributes:
        engine: steps, batch, precision and so on.
        clips: which clips, and their crops.
        dimensions: sizes of the networks; `dimensions.ac_predictor.use_extrinsics` adds the
            camera's pose as a third condition.
        rollout_steps: of the rollout loss.
        rollout_loss: `mean` over its steps (official) or of the `last` one (equation 3).
        change_floor: None, as in the paper, or what is added to the change of a frame before its
            error is divided by it, so that small motions weigh like large ones.
        change_focus: None, as in the paper, or the change of a token by which its error counts
            once more, so that what moves weighs more than what rests.
        gripper_weight: how many times a step counts in which the fingers alone move; 1 as in the
            paper.
        gradient_checkpointing: keep less in memory, compute the forward pass twice.
        cache_features: encode every frame once, as at inference, and train from the disk.
        feature_folder: where; None is the run's folder.
        start_as_copy: initial weights for a small predictor.
        held_out: share of the episodes that are validated on.
        validation_clips: fixed clips of them.
        export: precision of `world_model.safetensors`.
    """

    engine: EngineSettings
    clips: ClipSettings
    dimensions: Dimensions = RELEASED
    rollout_steps: int = 2
    rollout_loss: RolloutLoss = "mean"
    change_floor: float | None = None
    change_focus: float | None = None
    gripper_weight: float = 1.0
    gradient_checkpointing: bool = False
    cache_features: bool = False
    feature_folder: str | None = None
    start_as_copy: bool = False
    held_out: float = 0.03
    validation_clips: int = 64
    export: Literal["fp16", "fp32", "bf16"] = "fp16"

    def __post_init__(self) -> None:
        if not 1 <= self.rollout_steps < self.clips.frames:
            raise ValueError(
                f"rollout_steps is {self.rollout_steps}; it must be from 1 to clips.frames - 1"
            )
        for name in ("change_floor", "change_focus"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ValueError(f"{name} is {value}; it must be positive")
        if not 0 < self.gripper_weight < math.inf:
            raise ValueError(f"gripper_weight is {self.gripper_weight}; it must be positive")
        if self.cache_features and self.clips.crop is not None:
            raise ValueError(
                "cache_features encodes each frame once, so its crop can't be drawn anew each "
                "time: leave out clips.crop, or turn cache_features off"
            )
        if not 0 < self.held_out < 1:
            raise ValueError(f"held_out is {self.held_out}; it must be between 0 and 1")
        if self.validation_clips < 1:
            raise ValueError(f"validation_clips must be at least 1, not {self.validation_clips}")

    def identity(self) -> dict[str, Any]:
        """The settings that a resumed training must share: all that its result depends on."""
        values = as_mapping(self)
        for name in ("feature_folder", "export", "validation_clips"):
            del values[name]
        values["engine"] = self.engine.identity()
        return values
