"""The pixel predictor as a world model for the planner: imagined pictures against a goal's."""

from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from vjepa2_models.baselines.pictures import pixel_distance, to_small_pictures
from vjepa2_models.baselines.pixel_predictor import PixelPredictor, rollout, states_along
from vjepa2_models.baselines.shapes import check_shapes, check_states

# Candidates imagined at once. A CPU takes as long for each of them whether there are 8 or 48; a
# GPU wants to be filled.
CPU_BATCH = 16
GPU_BATCH = 256


@dataclass(frozen=True, eq=False)
class PixelWorldModel:
    """A `vjepa2_planner.WorldModel` whose latent is the small picture itself, [T, 3, S, S].

    Attributes:
        predictor: in float32.
        precision: that it computes in.
    """

    predictor: PixelPredictor
    precision: torch.dtype = torch.float32

    @property
    def device(self) -> torch.device:
        return self.predictor.stem.weight.device

    @torch.inference_mode()
    def encode(self, frames: Tensor | NDArray[Any], /) -> Tensor:
        """Pictures float32 [T, 3, S, S], 0 to 1, of RGB frames uint8 [T, H, W, 3].

        Raises ValueError on another shape or dtype.
        """
        sizes = self.predictor.sizes
        return to_small_pictures(frames, sizes.img_size, sizes.crop, self.device)

    @torch.inference_mode()
    def energies(
        self, context: Tensor, states: Tensor, goal: Tensor, actions: Tensor, /
    ) -> Tensor:
        """Energy [S]: mean absolute difference of RGB between each imagined end and the goal.

        Only the last of the context's frames is used. Poses are propagated between steps. An
        energy that is not finite is +inf.

        Args:
            context: pictures [T, 3, S, S] of the last T >= 1 frames.
            states: [T, 7] of the end effector at those frames.
            goal: picture [1, 3, S, S].
            actions: candidates [S, H, 7], H >= 1.

        Raises:
            ValueError: on a wrong shape, and on a state that is not finite.
        """
        size = self.predictor.sizes.img_size
        count, horizon = (*actions.shape, 1)[:2]
        check_shapes(
            context=(context, (max(len(context), 1), 3, size, size)),
            states=(states, (len(context), 7)),
            goal=(goal, (1, 3, size, size)),
            actions=(actions, (count, max(horizon, 1), 7)),
        )
        check_states(states)
        states, actions = (x.to(self.device, torch.float32) for x in (states, actions))
        batches = actions.split(CPU_BATCH if self.device.type == "cpu" else GPU_BATCH)
        energy = torch.cat([self._energy(context[-1:], states[-1:], goal, b) for b in batches])
        return torch.where(energy.isfinite(), energy, torch.inf)

    def distance(self, latent: Tensor, goal: Tensor, /) -> float:
        """Mean absolute difference of RGB between the last picture and the goal."""
        return float(pixel_distance(latent[-1:], goal))

    def _energy(self, picture: Tensor, state: Tensor, goal: Tensor, actions: Tensor) -> Tensor:
        count = len(actions)
        states = states_along(state.expand(count, -1), actions)
        with torch.autocast(
            self.device.type, self.precision, enabled=self.precision != torch.float32
        ):
            pictures = picture.expand(count, -1, -1, -1)
            imagined = rollout(self.predictor, pictures, states, actions)[:, -1]
        return pixel_distance(imagined.clamp(0, 1), goal)
