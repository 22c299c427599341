"""Latent ids and float32 arrays as they travel in messages, bit for bit."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from vjepa2_msgs.msg import LatentId as LatentIdMessage
from vjepa2_world_model.latents import LatentId

NO_LATENT = LatentIdMessage()


def to_message(latent: LatentId) -> LatentIdMessage:
    """The message of an id."""
    return LatentIdMessage(session=latent.session, number=latent.number)


def to_id(message: LatentIdMessage) -> LatentId:
    """The id in a message."""
    return LatentId(message.session, message.number)


def to_numbers(tensor: Tensor) -> array[float]:
    """All numbers of a tensor, row by row, for a field float32[]."""
    # Where rclpy checks fields it takes an array as it is, and looks at each number of a list.
    contiguous = tensor.detach().to("cpu", torch.float32).contiguous()
    return array("f", contiguous.numpy().tobytes())


def to_tensor(numbers: Sequence[float], shape: Sequence[int]) -> Tensor:
    """A float32 tensor of the numbers of a field float32[]."""
    return torch.from_numpy(np.array(numbers, dtype=np.float32).reshape(tuple(shape)))
