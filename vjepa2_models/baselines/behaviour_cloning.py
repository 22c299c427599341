"""A goal-conditioned policy: the next action from this picture, the goal's and the arm's state.

In the role that Octo has in table 2 of the paper: behaviour cloning with goals by hindsight. It is
a small convolutional network, trained on our data alone.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vjepa2_models.baselines.motion_scale import STATE_FEATURES, MotionScale
from vjepa2_models.baselines.pictures import coordinates
from vjepa2_models.dimensions import Crop

GROUPS = 8

LARGEST_ACTION = (0.075, 0.075, 0.075, 0.08, 0.08, 0.08, 0.75)
"""Per axis: metres and closedness as the planner's box has them (paper, section 3.2); radians so
that all three together stay below what the arm's limits refuse (0.15)."""


@dataclass(frozen=True)
class BehaviourCloningSizes:
    """Sizes of the network, and of the pictures that it sees.

    Attributes:
        img_size: edge of a picture in pixels.
        crop: of the camera image, before it is squeezed to `img_size`.
        widths: channels after each convolution, every one of which halves the cells an edge.
        hidden: width of the two layers between the last cells and the action.
    """

    img_size: int = 64
    crop: Crop = "square"
    widths: tuple[int, ...] = (32, 64, 96, 128)
    hidden: int = 256

    def __post_init__(self) -> None:
        if not self.widths or any(width < 1 or width % GROUPS for width in self.widths):
            raise ValueError(f"widths must be multiples of {GROUPS}, not {list(self.widths)}")
        step = 2 ** len(self.widths)
        if self.img_size < step or self.img_size % step:
            raise ValueError(f"img_size {self.img_size} is not a multiple of {step}")
        if self.hidden < 1:
            raise ValueError(f"hidden must be at least 1, not {self.hidden}")


class BehaviourCloning(nn.Module):
    """Both pictures on top of each other as channels: a small CNN, then an MLP with the state."""

    coordinates: Tensor
    largest: Tensor

    def __init__(self, sizes: BehaviourCloningSizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.motion = MotionScale()
        layers: list[nn.Module] = []
        for inputs, width in zip((3 + 3 + 2, *sizes.widths), sizes.widths, strict=False):
            layers += [
                nn.Conv2d(inputs, width, 3, 2, 1),
                nn.GroupNorm(GROUPS, width),
                nn.SiLU(),
            ]
        self.cells = nn.Sequential(*layers)
        edge = sizes.img_size // 2 ** len(sizes.widths)
        self.head = nn.Sequential(
            nn.Linear(sizes.widths[-1] * edge**2 + STATE_FEATURES, sizes.hidden),
            nn.SiLU(),
            nn.Linear(sizes.hidden, sizes.hidden),
            nn.SiLU(),
            nn.Linear(sizes.hidden, 7),
        )
        self.register_buffer("coordinates", coordinates(sizes.img_size), persistent=False)
        self.register_buffer("largest", torch.tensor(LARGEST_ACTION), persistent=False)

    def forward(self, pictures: Tensor, goals: Tensor, states: Tensor) -> Tensor:
        """Actions float32 [B, 7] in metres, radians, closedness, within `LARGEST_ACTION`.

        Args:
            pictures: [B, 3, S, S], RGB in 0 to 1.
            goals: [B, 3, S, S].
            states: [B, 7] at the pictures.
        """
        where = self.coordinates.expand(len(pictures), -1, -1, -1)
        seen = torch.cat((pictures - 0.5, goals - 0.5, where), dim=1)
        # In this layout a CPU is several times faster.
        cells = self.cells(seen.contiguous(memory_format=torch.channels_last)).flatten(1)
        raw = self.head(torch.cat((cells, self.motion.states(states)), dim=1))
        bounded: Tensor = self.largest * torch.tanh(raw.float())
        return bounded


def clip_action(actions: Tensor) -> Tensor:
    """Changes of state [..., 7] held within `LARGEST_ACTION`, axis by axis."""
    largest = actions.new_tensor(LARGEST_ACTION)
    return actions.clamp(-largest, largest)
