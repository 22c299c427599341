"""What the last step's plan has to say about the next one."""

import torch
from torch import Tensor


def shifted(actions: Tensor) -> Tensor:
    """The actions [H, 7], a step on: what was second is first, and the last is repeated."""
    return torch.cat((actions[1:], actions[-1:]))
