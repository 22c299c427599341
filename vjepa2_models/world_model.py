"""The world model: encoder and action-conditioned predictor behind three calls."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from vjepa2_models.ac_predictor import ACPredictor
from vjepa2_models.dimensions import Dimensions
from vjepa2_models.encoder import Encoder
from vjepa2_models.preprocessing import preprocess
from vjepa2_models.transformer import normalise
from vjepa2_poses import actions_from_states, apply_action

# Candidates imagined at once. The small model on two cores takes a tenth to a fifth longer for 64
# than for 16, which stay in the cache; a GPU wants to be filled, within its memory (not measured).
CPU_BATCH = 16
GPU_BATCH = 64


class WorldModel(nn.Module):
    """V-JEPA 2-AC (paper, section 3). Inference only; nothing here keeps gradients."""

    def __init__(self, dimensions: Dimensions) -> None:
        super().__init__()
        self.dimensions = dimensions
        self.encoder = Encoder(dimensions)
        self.predictor = ACPredictor(dimensions)

    @property
    def device(self) -> torch.device:
        return self.encoder.norm.weight.device

    @property
    def dtype(self) -> torch.dtype:
        return self.encoder.norm.weight.dtype

    @torch.inference_mode()
    def encode(self, frames: Tensor | NDArray[np.uint8]) -> Tensor:
        """Normalised features [T, N, D] of RGB frames uint8 [T, H, W, 3].

        Every frame is encoded by itself, as a clip of the same frame repeated over one tubelet
        (section 3.1). Raises ValueError on another shape or dtype.
        """
        images = preprocess(
            torch.as_tensor(frames).to(self.device), self.dimensions.img_size, self.dimensions.crop
        )
        return encode_stills(self.encoder, images.to(self.dtype))

    @torch.inference_mode()
    def predict(
        self, features: Tensor, actions: Tensor, states: Tensor, extrinsics: Tensor | None = None
    ) -> Tensor:
        """Normalised features [B, T, N, D] of the frames that follow each of the given ones.

        Args:
            features: [B, T, N, D], normalised.
            actions: [B, T, 7], metres, radians, closedness; in the robot's base frame.
            states: [B, T, 7], the same units.
            extrinsics: [B, T, 6] or None.
        """
        return normalise(self.predictor(features, actions, states, extrinsics))

    @torch.inference_mode()
    def energies(self, context: Tensor, states: Tensor, goal: Tensor, actions: Tensor) -> Tensor:
        """Energy [S] of each candidate (equation 5): how far its imagined end is from the goal.

        The mean absolute difference between the features predicted after the last action and
        the goal's. Poses are propagated between steps. An energy that is not finite is +inf.

        Args:
            context: normalised features [T, N, D] of the last T >= 1 frames.
            states: [T, 7] of the end effector at those frames; the actions between them follow.
            goal: normalised features [1, N, D].
            actions: candidates [S, H, 7].

        Raises:
            ValueError: on a wrong shape, and on a state that is not finite.
        """
        self._check(context, states, goal, actions)
        states, actions = (x.to(self.device, torch.float32) for x in (states, actions))
        batches = actions.split(CPU_BATCH if self.device.type == "cpu" else GPU_BATCH)
        energies = [self._rollout_energy(context, states, goal, batch) for batch in batches]
        energy = torch.cat(energies)
        return torch.where(energy.isfinite(), energy, torch.inf)

    def distance(self, latent: Tensor, goal: Tensor) -> float:
        """Energy between two frames as they are: mean absolute difference of their features."""
        return float((latent[-1:] - goal).abs().float().mean())

    def _rollout_energy(
        self, context: Tensor, states: Tensor, goal: Tensor, actions: Tensor
    ) -> Tensor:
        candidates, horizon, _ = actions.shape
        features = context.unsqueeze(0).expand(candidates, -1, -1, -1)
        poses = states.unsqueeze(0).expand(candidates, -1, -1)
        taken = actions_from_states(poses)
        for step in range(horizon):
            taken = torch.cat([taken, actions[:, step : step + 1]], dim=1)
            following = self.predict(features, taken.to(self.dtype), poses.to(self.dtype))[:, -1:]
            features = torch.cat([features, following], dim=1)
            poses = torch.cat([poses, apply_action(poses[:, -1:], taken[:, -1:])], dim=1)
        return (features[:, -1] - goal).abs().float().mean(dim=(1, 2))

    def _check(self, context: Tensor, states: Tensor, goal: Tensor, actions: Tensor) -> None:
        frame = (self.dimensions.tokens, self.dimensions.encoder.embed_dim)
        expected = {
            "context": (context, (len(context), *frame)),
            "states": (states, (len(context), 7)),
            "goal": (goal, (1, *frame)),
            "actions": (actions, (len(actions), actions.shape[1] if actions.ndim > 1 else 1, 7)),
        }
        for name, (given, shape) in expected.items():
            if tuple(given.shape) != shape:
                raise ValueError(f"{name} must be {list(shape)}, not {list(given.shape)}")
        if not torch.isfinite(states).all():
            raise ValueError(f"states are not finite: {states.tolist()}")


def encode_stills(encoder: Encoder, images: Tensor) -> Tensor:
    """Normalised features [T, N, D] of images [T, 3, H, W], each encoded by itself."""
    clips = images.unsqueeze(2).expand(-1, -1, encoder.dimensions.tubelet_size, -1, -1)
    return normalise(encoder(clips))
