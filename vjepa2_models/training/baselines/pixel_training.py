"""The pixel predictor's training: L1 in pixels, one step ahead and fed its own predictions."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from vjepa2_models.baselines import PixelPredictor, save_pixel_predictor
from vjepa2_models.baselines.pixel_predictor import rollout
from vjepa2_models.training.baselines.picture_clips import PictureClips, to_network
from vjepa2_models.training.baselines.pixel_error import imagine, pixel_errors
from vjepa2_models.training.baselines.pixel_report import plot_errors, print_errors, save_strip
from vjepa2_models.training.engine.run_folder import History
from vjepa2_models.training.post_training.rollout_error import HORIZONS
from vjepa2_poses import actions_from_states

PRODUCT = "pixel_predictor.safetensors"


class PixelTrainingStage:
    """A `stage.Stage`.

    Args:
        predictor: to train.
        clips: to train on, and to validate on.
        validation_clips: how many of the latter.
    """

    def __init__(
        self, predictor: PixelPredictor, clips: PictureClips, validation_clips: int
    ) -> None:
        self.predictor, self.batches = predictor, clips.training
        self.held_out = clips.held_out.load(0, range(validation_clips)).tensors
        longest = self.held_out["states"].shape[1] - 1
        self.horizons = [horizon for horizon in HORIZONS if horizon <= longest]

    @property
    def modules(self) -> Mapping[str, nn.Module]:
        return {"pixel_predictor": self.predictor}

    def losses(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """`one_step`: L1 of RGB after the first action; `rollout`: after all later ones."""
        pictures, states = to_network(tensors["frames"]), tensors["states"]
        actions = actions_from_states(states)
        imagined = rollout(self.predictor, pictures[:, 0], states[:, :-1], actions)
        # Not clipped: where it is, no gradient would lead back.
        errors = (imagined - pictures[:, 1:]).abs().mean(dim=(0, 2, 3, 4))
        losses = {"one_step": errors[0]}
        return losses if len(errors) == 1 else losses | {"rollout": errors[1:].mean()}

    def after_step(self, step: int) -> None:
        """Nothing follows the predictor."""

    def validate(self) -> dict[str, float]:
        """Rollout errors on held-out clips, then those of copying the first frame."""
        held_out = self.held_out
        return pixel_errors(self.predictor, held_out["frames"], held_out["states"], self.horizons)

    def export(self, folder: Path) -> None:
        """Write the predictor as `load_pixel_predictor` reads it."""
        save_pixel_predictor(self.predictor, folder / PRODUCT)

    @torch.inference_mode()
    def report(self, folder: Path, history: History) -> None:
        """Write curves and a strip of imagined pictures, and print the table of errors."""
        device = self.predictor.stem.weight.device
        frames, states = (self.held_out[name][0].to(device) for name in ("frames", "states"))
        imagined = imagine(self.predictor, to_network(frames[:1]), states.unsqueeze(0))
        save_strip(frames, imagined[0], folder / "held_out.png")
        plot_errors(history, self.horizons, folder / "rollout_error.png")
        print_errors(history, self.horizons)
