"""The next picture from this one, the arm's state and its action: a small U-Net.

In the role that Cosmos has in table 3 of the paper: a world model that imagines pixels. It is a
regression, not a diffusion model, and thousands of times smaller.
"""

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vjepa2_models.baselines.motion_scale import ACTION_FEATURES, STATE_FEATURES, MotionScale
from vjepa2_models.baselines.pictures import coordinates
from vjepa2_models.dimensions import Crop
from vjepa2_poses import apply_action

GROUPS = 8
PATCH = 2
"""Pixels along an edge that the first layer folds into one cell: four times less to compute."""


@dataclass(frozen=True)
class PixelPredictorSizes:
    """Sizes of the network, and of the pictures that it sees.

    Attributes:
        img_size: edge of a picture in pixels.
        crop: of the camera image, before it is squeezed to `img_size`.
        widths: channels at each level, the finest first; each level has half the cells an edge.
        condition: channels of the embedding of state and action.
    """

    img_size: int = 64
    crop: Crop = "square"
    widths: tuple[int, ...] = (32, 64, 128)
    condition: int = 128

    def __post_init__(self) -> None:
        if not self.widths or any(width < 1 or width % GROUPS for width in self.widths):
            raise ValueError(f"widths must be multiples of {GROUPS}, not {list(self.widths)}")
        step = PATCH * 2 ** (len(self.widths) - 1)
        if self.img_size < step or self.img_size % step:
            raise ValueError(f"img_size {self.img_size} is not a multiple of {step}")
        if self.condition < 1:
            raise ValueError(f"condition must be at least 1, not {self.condition}")


class FilmBlock(nn.Module):
    """Two convolutions about a skip, scaled and shifted by the condition (FiLM, 1709.07871)."""

    def __init__(self, inputs: int, width: int, condition: int) -> None:
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(GROUPS, inputs), nn.Conv2d(inputs, width, 3, 1, 1)
        self.norm2, self.conv2 = nn.GroupNorm(GROUPS, width), nn.Conv2d(width, width, 3, 1, 1)
        self.film = nn.Linear(condition, 2 * width)
        self.skip = nn.Conv2d(inputs, width, 1) if inputs != width else nn.Identity()

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """Features [B, width, E, E] of features [B, inputs, E, E]; condition [B, C]."""
        scale, shift = self.film(condition)[:, :, None, None].chunk(2, dim=1)
        hidden = self.conv1(F.silu(self.norm1(x)))
        hidden = self.conv2(F.silu(self.norm2(hidden) * (1 + scale) + shift))
        result: Tensor = self.skip(x) + hidden
        return result


class PixelPredictor(nn.Module):
    """Adds a change to the picture that it is given; a fresh one predicts that nothing changes."""

    coordinates: Tensor

    def __init__(self, sizes: PixelPredictorSizes) -> None:
        super().__init__()
        self.sizes = sizes
        widths, condition, cell = sizes.widths, sizes.condition, 3 * PATCH**2
        self.motion = MotionScale()
        self.embed = nn.Sequential(
            nn.Linear(STATE_FEATURES + ACTION_FEATURES, condition),
            nn.SiLU(),
            nn.Linear(condition, condition),
            nn.SiLU(),
        )
        self.stem = nn.Conv2d(cell + 2, widths[0], 3, 1, 1)
        self.down = nn.ModuleList(FilmBlock(width, width, condition) for width in widths)
        self.coarser = nn.ModuleList(
            nn.Conv2d(fine, coarse, 3, 2, 1) for fine, coarse in pairwise(widths)
        )
        self.middle = FilmBlock(widths[-1], widths[-1], condition)
        self.finer = nn.ModuleList(nn.Conv2d(coarse, fine, 1) for fine, coarse in pairwise(widths))
        self.up = nn.ModuleList(FilmBlock(2 * width, width, condition) for width in widths[:-1])
        self.norm, self.change = (
            nn.GroupNorm(GROUPS, widths[0]),
            nn.Conv2d(widths[0], cell, 3, 1, 1),
        )
        nn.init.zeros_(self.change.weight)
        assert self.change.bias is not None
        nn.init.zeros_(self.change.bias)
        self.register_buffer("coordinates", coordinates(sizes.img_size // PATCH), persistent=False)

    def forward(self, pictures: Tensor, states: Tensor, actions: Tensor) -> Tensor:
        """The next pictures, RGB float32 [B, 3, S, S], 0 to 1 but not clipped to it.

        Args:
            pictures: [B, 3, S, S], RGB in 0 to 1.
            states: [B, 7] at the pictures, metres, radians, closedness; in the robot's base frame.
            actions: [B, 7] from these states on.
        """
        motion = torch.cat((self.motion.states(states), self.motion.actions(actions)), dim=-1)
        condition = self.embed(motion)
        where = self.coordinates.expand(len(pictures), -1, -1, -1)
        cells = torch.cat((F.pixel_unshuffle(pictures, PATCH) - 0.5, where), dim=1)
        # In this layout a CPU is several times faster; everything that follows keeps it.
        x = self.stem(cells.contiguous(memory_format=torch.channels_last))
        skips = []
        for level, block in enumerate(self.down):
            if level:
                skips.append(x)
                x = self.coarser[level - 1](x)
            x = block(x, condition)
        x = self.middle(x, condition)
        for level in reversed(range(len(self.up))):
            finer = F.interpolate(self.finer[level](x), scale_factor=2.0)
            x = self.up[level](torch.cat((finer, skips[level]), dim=1), condition)
        change = self.change(F.silu(self.norm(x)))
        return pictures + F.pixel_shuffle(change.float(), PATCH)


def rollout(predictor: PixelPredictor, picture: Tensor, states: Tensor, actions: Tensor) -> Tensor:
    """Predictions [B, H, 3, S, S] of the pictures after each action, not clipped.

    Each step is fed the prediction before it, clipped to 0 to 1: what a picture can be.

    Args:
        predictor: in whatever autocast the caller has set up.
        picture: the first one [B, 3, S, S].
        states: [B, H, 7] before each action.
        actions: [B, H, 7].
    """
    predicted = []
    for state, action in zip(states.unbind(1), actions.unbind(1), strict=True):
        predicted.append(predictor(picture, state, action))
        picture = predicted[-1].clamp(0, 1)
    return torch.stack(predicted, dim=1)


def states_along(state: Tensor, actions: Tensor) -> Tensor:
    """States [B, H, 7] before each of the actions [B, H, 7] that start at a state [B, 7]."""
    states = [state]
    for action in actions[:, :-1].unbind(1):
        states.append(apply_action(states[-1], action))
    return torch.stack(states, dim=1)
