"""Checkpoints of a training: everything to go on from, bit for bit on one device."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from vjepa2_models.checkpoint import CheckpointError
from vjepa2_models.training.engine.settings_file import differences
from vjepa2_models.training.engine.writing import writing

PARTS = frozenset({"step", "identity", "modules", "optimiser", "random"})
"""What a checkpoint consists of."""


@dataclass(frozen=True)
class Checkpoints:
    """The checkpoint of a run, `checkpoints/last.pt`.

    Attributes:
        folder: the run's.
        identity: what a training must share with the one that it goes on from: its settings and
            fingerprints of its data and of frozen weights; plain values that JSON can hold.
    """

    folder: Path
    identity: Mapping[str, Any]

    @property
    def path(self) -> Path:
        return self.folder / "checkpoints" / "last.pt"

    def check(self, resume: bool) -> None:
        """Refuses to overwrite a training, and to go on from one of other settings.

        Raises:
            FileExistsError: if there is a checkpoint and none is to be resumed.
            FileNotFoundError, CheckpointError: as `restore`.
        """
        if resume:
            self._load()
        elif self.path.exists():
            raise FileExistsError(
                f"{self.folder} holds a training already: go on with --resume, or choose another "
                "folder"
            )
        self.path.parent.mkdir(parents=True, exist_ok=True)

    def save(
        self, step: int, modules: Mapping[str, nn.Module], optimiser: torch.optim.Optimizer
    ) -> None:
        """Writes the state after `step` steps, complete or not at all.

        Raises:
            OSError: if it can't be written; the checkpoint before it is still there.
        """
        state = {
            "step": step,
            "identity": json.dumps(self.identity),
            "modules": {name: module.state_dict() for name, module in modules.items()},
            "optimiser": optimiser.state_dict(),
            "random": {"cpu": torch.get_rng_state(), "cuda": torch.cuda.get_rng_state_all()},
        }
        partial = self.path.with_suffix(".partial")
        with writing(f"the checkpoint of step {step}", self.path):
            try:
                with partial.open("wb") as file:
                    torch.save(state, file)
                    file.flush()
                    os.fsync(file.fileno())
                partial.replace(self.path)
            finally:
                partial.unlink(missing_ok=True)

    def restore(self, modules: Mapping[str, nn.Module], optimiser: torch.optim.Optimizer) -> int:
        """Loads the state into networks and optimiser; returns how many steps it has done.

        Raises:
            FileNotFoundError: if there is no checkpoint.
            CheckpointError: if it is of other settings, data or frozen weights, naming them.
        """
        state = self._load()
        for name, module in modules.items():
            module.load_state_dict(state["modules"][name])
        optimiser.load_state_dict(state["optimiser"])
        torch.set_rng_state(state["random"]["cpu"])
        for gpu, random in enumerate(state["random"]["cuda"][: torch.cuda.device_count()]):
            torch.cuda.set_rng_state(random, gpu)
        step: int = state["step"]
        return step

    def _load(self) -> dict[str, Any]:
        if not self.path.exists():
            raise FileNotFoundError(f"nothing to resume: there is no {self.path}")
        try:
            state = torch.load(self.path, map_location="cpu", weights_only=True)
        except Exception as error:
            raise CheckpointError(f"{self.path}: not a readable checkpoint: {error}") from error
        ours = json.loads(json.dumps(self.identity))
        if changed := differences(ours, self._identity_of(state)):
            raise CheckpointError(
                f"{self.path} is of another training; different: {', '.join(changed)}. Resume "
                "with what it was started with, or start anew in another folder."
            )
        loaded: dict[str, Any] = state
        return loaded

    def _identity_of(self, state: Any) -> Mapping[str, Any]:
        try:
            if not isinstance(state, dict):
                raise ValueError(f"it holds a {type(state).__name__}")
            if missing := PARTS - set(state):
                raise ValueError(f"it lacks {', '.join(sorted(missing))}")
            identity = json.loads(state["identity"])
            if not isinstance(identity, dict):
                raise ValueError("its identity is no mapping")
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise CheckpointError(
                f"{self.path}: not a checkpoint of a training ({error}): it is damaged, or of "
                "another program; start anew in another folder"
            ) from error
        return identity
