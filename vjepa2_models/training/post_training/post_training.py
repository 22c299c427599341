"""Stage 2: the action-conditioned predictor on a frozen encoder (paper, section 3.1)."""

import logging
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from vjepa2_models.checkpoint import save_world_model
from vjepa2_models.encoder import Encoder
from vjepa2_models.preprocessing import preprocess
from vjepa2_models.training.engine.gradient_checkpointing import checkpoint_blocks
from vjepa2_models.training.engine.run_folder import History
from vjepa2_models.training.engine.stage import Batches
from vjepa2_models.training.post_training.losses import (
    Emphasis,
    FeatureClips,
    post_training_losses,
)
from vjepa2_models.training.post_training.post_training_report import write_report
from vjepa2_models.training.post_training.post_training_settings import PostTraining
from vjepa2_models.training.post_training.rollout_error import (
    HORIZONS,
    gripper_errors,
    rollout_errors,
)
from vjepa2_models.world_model import WorldModel, encode_stills
from vjepa2_poses import actions_from_states

log = logging.getLogger(__name__)

DTYPES = {"fp16": torch.float16, "fp32": torch.float32, "bf16": torch.bfloat16}


class PostTrainingStage:
    """Trains `model.predictor`; `model.encoder` stays as it is.

    Args:
        model: both networks.
        settings: of the stage.
        batches: clips to train on.
        held_out: clips to validate on, their features in half precision.
    """

    def __init__(
        self, model: WorldModel, settings: PostTraining, batches: Batches, held_out: FeatureClips
    ) -> None:
        self.model, self.settings = model, settings
        self.batches, self.held_out = batches, held_out
        self.modules: Mapping[str, nn.Module] = {"predictor": model.predictor}
        model.encoder.requires_grad_(False)
        if not model.predictor.use_extrinsics:
            model.predictor.extrinsics_encoder.requires_grad_(False)
        if settings.gradient_checkpointing:
            checkpoint_blocks(model.predictor.predictor_blocks)
        longest = held_out.features.shape[1] - 1
        self.horizons = [horizon for horizon in HORIZONS if horizon <= longest]
        if longest < HORIZONS[-1]:
            log.warning("held-out episodes are too short for rollouts of over %d frames", longest)

    def losses(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Teacher forcing over the clip and a rollout from its first frame (equations 2 and 3)."""
        clips = feature_clips(self.model.encoder, tensors)
        settings = self.settings
        return post_training_losses(
            self.model.predictor,
            clips,
            settings.rollout_steps,
            settings.rollout_loss,
            Emphasis(settings.change_floor, settings.change_focus, settings.gripper_weight),
        )

    def after_step(self, step: int) -> None:
        """Nothing follows the predictor."""

    def validate(self) -> dict[str, float]:
        """Errors on held-out clips beside those of copying; where the fingers alone move, too."""
        predictor = self.model.predictor
        return rollout_errors(predictor, self.held_out, self.horizons) | gripper_errors(
            predictor, self.held_out
        )

    def export(self, folder: Path) -> None:
        path = folder / "world_model.safetensors"
        save_world_model(self.model, path, DTYPES[self.settings.export])

    def report(self, folder: Path, history: History) -> None:
        write_report(folder, history, self.horizons)


def feature_clips(encoder: Encoder, tensors: Mapping[str, Tensor]) -> FeatureClips:
    """Clips of a batch as the encoder sees them; `features` may be there already."""
    states = tensors["states"]
    if "features" in tensors:
        features = tensors["features"].float()
    else:
        frames = tensors["frames"]
        images = preprocess(frames.flatten(0, 1), frames.shape[2], encoder.dimensions.crop)
        with torch.no_grad():
            features = encode_stills(encoder, images).float().unflatten(0, frames.shape[:2])
    return FeatureClips(features, actions_from_states(states), states, tensors.get("extrinsics"))
