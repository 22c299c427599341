"""The policy where the closed loop expects a world model: it looks, and it acts."""

from dataclasses import dataclass
from typing import Any, NoReturn

import torch
from numpy.typing import NDArray
from torch import Tensor

from vjepa2_models.baselines.behaviour_cloning import BehaviourCloning
from vjepa2_models.baselines.pictures import pixel_distance, to_small_pictures
from vjepa2_models.baselines.shapes import check_shapes, check_states


@dataclass(frozen=True, eq=False)
class PolicyWorldModel:
    """Has the calls of a `vjepa2_planner.WorldModel`, and `act`; its latent is [T, 3, S, S].

    Attributes:
        policy: in float32, in which it also computes: one action takes milliseconds.
    """

    policy: BehaviourCloning

    @property
    def device(self) -> torch.device:
        return self.policy.largest.device

    @torch.inference_mode()
    def encode(self, frames: Tensor | NDArray[Any], /) -> Tensor:
        """Pictures float32 [T, 3, S, S], 0 to 1, of RGB frames uint8 [T, H, W, 3].

        Raises ValueError on another shape or dtype.
        """
        sizes = self.policy.sizes
        return to_small_pictures(frames, sizes.img_size, sizes.crop, self.device)

    @torch.inference_mode()
    def act(self, context: Tensor, states: Tensor, goal: Tensor, /) -> Tensor:
        """The next action, float32 [7] on the CPU, within `LARGEST_ACTION`.

        Only the last of the context's frames is used. The closedness that it leads to stays
        within 0 to 1.

        Args:
            context: pictures [T, 3, S, S] of the last T >= 1 frames.
            states: [T, 7] of the end effector at those frames.
            goal: picture [1, 3, S, S].

        Raises:
            ValueError: on a wrong shape, and on a state that is not finite.
        """
        size = self.policy.sizes.img_size
        check_shapes(
            context=(context, (max(len(context), 1), 3, size, size)),
            states=(states, (len(context), 7)),
            goal=(goal, (1, 3, size, size)),
        )
        check_states(states)
        state = states[-1:].to(self.device, torch.float32)
        action: Tensor = self.policy(context[-1:], goal, state)[0]
        closedness = state[0, 6].clamp(0, 1)
        action[6] = action[6].clamp(-closedness, 1 - closedness)
        return action.cpu()

    def energies(
        self, context: Tensor, states: Tensor, goal: Tensor, actions: Tensor, /
    ) -> NoReturn:
        """Raises NotImplementedError: a policy can't tell a good action from a bad one."""
        raise NotImplementedError(
            "a policy acts and scores no actions: choose the planner for a policy, or a world "
            "model for this planner"
        )

    def distance(self, latent: Tensor, goal: Tensor, /) -> float:
        """Mean absolute difference of RGB between the last picture and the goal."""
        return float(pixel_distance(latent[-1:], goal))
