"""Stage 1: mask-denoising in feature space with an EMA teacher (paper, section 2.1)."""

import copy
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor, nn

from vjepa2_models.encoder import Encoder
from vjepa2_models.mask_predictor import MaskPredictor
from vjepa2_models.preprocessing import preprocess
from vjepa2_models.training.clips.clip_batches import ClipBatches
from vjepa2_models.training.clips.mixture import Mixture
from vjepa2_models.training.engine.gradient_checkpointing import checkpoint_blocks
from vjepa2_models.training.engine.run_folder import History
from vjepa2_models.training.pretraining.collapse import CollapseWatch
from vjepa2_models.training.pretraining.held_out import HeldOut
from vjepa2_models.training.pretraining.pretraining_report import plot_history, print_history
from vjepa2_models.training.pretraining.pretraining_settings import PretrainingSettings
from vjepa2_models.training.pretraining.pretraining_start import start_from
from vjepa2_models.training.pretraining.probe import distance_correlations, feature_spread
from vjepa2_models.transformer import normalise

CHUNK = 16
"""Clips that are validated at once."""


class PretrainingStage:
    """Student, teacher and predictor; a `Stage` of the engine.

    The student sees the visible tokens of a clip, the predictor predicts the teacher's features of
    the hidden ones (equation 1), and the teacher follows the student.
    """

    def __init__(self, settings: PretrainingSettings, mixture: Mixture) -> None:
        sizes = settings.model
        self.settings = settings
        self.student, self.predictor = Encoder(sizes), MaskPredictor(sizes)
        self.teacher = copy.deepcopy(self.student)
        if settings.start is not None:
            start_from(Path(settings.start), self.student, self.teacher, self.predictor)
        self.teacher.requires_grad_(False)
        # Several processes would wait in vain for the gradient of a token that nothing uses.
        for token in self.predictor.mask_tokens[len(settings.masks) :]:
            token.requires_grad_(False)
        if settings.gradient_checkpointing:
            checkpoint_blocks(self.student.blocks)
            checkpoint_blocks(self.predictor.predictor_blocks)
        train, held_out = (
            mixture.split(settings.held_out) if settings.held_out else (mixture, mixture)
        )
        self.batches = ClipBatches(train, settings)
        self._held_out_mixture = held_out
        self._watch = CollapseWatch(settings.least_spread)

    @property
    def modules(self) -> Mapping[str, nn.Module]:
        return {
            "student": self.student,
            "teacher": self.teacher,
            "mask_predictor": self.predictor,
        }

    def losses(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The denoising loss; `spread`, over the rows given (two at least), is only logged."""
        loss, targets = self.denoise(tensors)
        several = len(targets) > 1
        return {"denoising": loss} | ({"spread": feature_spread(targets)} if several else {})

    def denoise(self, tensors: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """L1 between predicted and the teacher's features of hidden tokens (equation 1).

        Returns the mean over the kinds of mask, and the teacher's features [B, N, D].
        """
        clips = network_input(tensors["clips"])
        with torch.no_grad():
            targets = normalise(self.teacher(clips).float())
        tubelet, patch = self.settings.model.tubelet_size, self.settings.model.patch_size
        frames, height, width = clips.shape[2:]
        grid = (frames // tubelet, height // patch, width // patch)
        losses = []
        for kind in range(len(self.settings.masks)):
            visible, hidden = tensors[f"visible_{kind}"], tensors[f"hidden_{kind}"]
            context = self.student(clips, visible)
            predicted = self.predictor(context, visible, hidden, kind, grid).float()
            wanted = targets.gather(1, hidden.unsqueeze(-1).expand(-1, -1, targets.shape[-1]))
            losses.append((predicted - wanted).abs().mean())
        return torch.stack(losses).mean(), targets

    def after_step(self, step: int) -> None:
        follow(self.teacher, self.student, self.settings.ema)

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Loss and spread on held-out whole frames, and what energies know of distances."""
        device = self.teacher.norm.weight.device
        losses, features = zip(
            *(
                self.denoise({name: value.to(device) for name, value in part.items()})
                for part in self._held_out.parts(CHUNK)
            ),
            strict=True,
        )
        spread = float(feature_spread(torch.cat(features)))
        self._watch.check(spread)
        return {
            "held_out_denoising": float(torch.stack(losses).mean()),
            "held_out_spread": spread,
            **distance_correlations(self.teacher, self._held_out.episodes),
        }

    def export(self, folder: Path) -> None:
        """`encoder.pt` in the official layout: the teacher is `target_encoder`."""
        partial = folder / "encoder.pt.partial"
        weights = {
            "encoder": self.student.state_dict(),
            "target_encoder": self.teacher.state_dict(),
            "predictor": self.predictor.state_dict(),
        }
        try:
            torch.save(weights, partial)
            partial.replace(folder / "encoder.pt")
        finally:
            partial.unlink(missing_ok=True)

    def report(self, folder: Path, history: History) -> None:
        plot_history(history, folder / "pretraining.png", self.settings.least_spread)
        print_history(history)

    @cached_property
    def _held_out(self) -> HeldOut:
        return HeldOut.read(self._held_out_mixture, self.settings)


def network_input(clips: Tensor) -> Tensor:
    """Clips uint8 [B, T, S, S, 3] as the encoder takes them: float32 [B, 3, T, S, S]."""
    images = preprocess(clips.flatten(0, 1), clips.shape[2], "square")
    frames: Tensor = images.unflatten(0, clips.shape[:2])
    return frames.transpose(1, 2)


@torch.no_grad()
def follow(teacher: nn.Module, student: nn.Module, ema: float) -> None:
    """Moves the teacher's weights towards the student's; the share `ema` of them stays."""
    ours: list[Tensor] = list(teacher.parameters())
    torch._foreach_lerp_(ours, list(student.parameters()), 1 - ema)
