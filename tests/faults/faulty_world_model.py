"""The process of the world model with energies that can be spoilt."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from tests.faults.switches import LOOK, Switches
from vjepa2_world_model import world_model_node
from vjepa2_world_model.open_model import OpenedModel, open_model

NAN = "nan"
SLOW = "slow"
HANG = "hang"
HANGS = "hangs"
"""Switched on by this process once it hangs."""
DELAY = 0.5
"""Of each answer while it is slow [s]."""


class FaultyModel:
    """A differentiable `WorldModel` with another one behind it."""

    def __init__(self, model: Any, switches: Switches) -> None:
        self._model = model
        self._switches = switches
        self.device = model.device

    def encode(self, frames: Any, /) -> Tensor:
        encoded: Tensor = self._model.encode(frames)
        return encoded

    def distance(self, latent: Tensor, goal: Tensor, /) -> float:
        return float(self._model.distance(latent, goal))

    def energies(self, *problem: Tensor) -> Tensor:
        self._delay()
        return self._spoilt(self._model.energies(*problem))

    def energies_with_gradients(self, *problem: Tensor) -> tuple[Tensor, Tensor]:
        self._delay()
        energies, gradients = self._model.energies_with_gradients(*problem)
        return self._spoilt(energies), gradients

    def _spoilt(self, energies: Tensor) -> Tensor:
        return torch.full_like(energies, torch.nan) if self._switches.is_on(NAN) else energies

    def _delay(self) -> None:
        if self._switches.is_on(SLOW):
            time.sleep(DELAY)
        while self._switches.is_on(HANG):
            self._switches.on(HANGS)
            time.sleep(LOOK)


def open_faulty(*arguments: Any) -> OpenedModel:
    """In place of `open_model`."""
    opened = open_model(*arguments)
    model: Any = FaultyModel(opened.model, Switches.of_environment())
    return replace(opened, model=model)


def main() -> int:
    """Run the node until a signal ends it."""
    world_model_node.open_model = open_faulty
    return world_model_node.main()


if __name__ == "__main__":
    sys.exit(main())
