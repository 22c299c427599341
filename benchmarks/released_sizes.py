"""The released networks with random weights, on a GPU: what a plan costs at the real sizes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from open_loop import Posed
from torch import Tensor

from vjepa2_models.dimensions import RELEASED
from vjepa2_models.world_model import WorldModel


class RandomProblems:
    """Random features in the place of pictures; the time of a plan does not depend on them."""

    about = "ViT-g encoder, predictor of 24 blocks of 1024, random weights, bfloat16"

    def __init__(self, count: int) -> None:
        self.device = torch.device("cuda")
        torch.manual_seed(0)
        with self.device:
            model = WorldModel(RELEASED)
        self.world_model: Any = model.to(torch.bfloat16).eval().requires_grad_(False)
        generator = torch.Generator("cuda").manual_seed(0)
        shape = (2, 1, RELEASED.tokens, RELEASED.encoder.embed_dim)
        state = torch.tensor([[0.45, 0.0, 0.3, torch.pi, 0.0, 0.0, 0.0]])
        self._posed = []
        for _ in range(count):
            features = torch.randn(shape, generator=generator, device=self.device)
            context, goal = features.to(torch.bfloat16)
            self._posed.append(Posed(context, state, goal))

    def __iter__(self) -> Iterator[Posed]:
        return iter(self._posed)

    def __len__(self) -> int:
        return len(self._posed)

    def judged(self, number: int, actions: Tensor) -> float | None:
        """Random weights have nothing to judge."""
        return None
