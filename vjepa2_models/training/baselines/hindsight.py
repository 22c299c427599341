"""Goals by hindsight: a later frame of the same episode is where the arm was going."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from vjepa2_models.baselines.behaviour_cloning import clip_action
from vjepa2_models.training.clips.video_clips import VideoClips
from vjepa2_models.training.engine.stage import Batch
from vjepa2_poses import action_between

Target = Literal["action", "displacement"]
"""`action`: what the arm did next; `displacement`: the whole way to the goal. Both are held within
the largest action. In episodes of random motion the next action need not lead to the goal."""

# Generators are seeded with (seed, step, row, what for); the clip's own has no fourth number.
HINDSIGHT = 300


@dataclass(frozen=True)
class HindsightPairs:
    """Several pairs of frames t and t + k of every clip, which is decoded once for all of them.

    Tensors of a batch, P pairs a row: `pictures` and `goals` uint8 [R, P, S, S, 3] RGB, `states`
    float32 [R, P, 7] at the pictures, `targets` float32 [R, P, 7], the actions to learn, and
    `ways` float32 [R, P, 7], the changes of state to the goals.

    Attributes:
        clips: where the frames come from.
        pairs: of a clip.
        furthest: largest k; each from 1 to it is as likely.
        target: what is to be learnt.
        seed: of the draws.
    """

    clips: VideoClips
    pairs: int
    furthest: int
    target: Target
    seed: int

    def load(self, step: int, rows: range) -> Batch:
        """See `stage.Batches`."""
        clips = self.clips.load(step, rows)
        parts = [
            self._pairs(frames, states, np.random.default_rng((self.seed, step, row, HINDSIGHT)))
            for row, frames, states in zip(
                rows, clips.tensors["frames"], clips.tensors["states"], strict=True
            )
        ]
        tensors = {name: torch.stack([part[name] for part in parts]) for name in parts[0]}
        return Batch(tensors, clips.origins)

    def _pairs(
        self, frames: Tensor, states: Tensor, random: np.random.Generator
    ) -> dict[str, Tensor]:
        ahead = random.integers(1, self.furthest + 1, self.pairs)
        now = torch.from_numpy(random.integers(0, len(frames) - ahead))
        then = now + torch.from_numpy(ahead)
        ways = action_between(states[now], states[then])
        following = action_between(states[now], states[now + 1])
        return {
            "pictures": frames[now],
            "goals": frames[then],
            "states": states[now],
            "targets": clip_action(ways if self.target == "displacement" else following),
            "ways": ways,
        }
