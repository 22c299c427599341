"""The energies around a plan and the frame that it is imagined to lead to, after the fact."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vjepa2_models import WorldModel, bundled_checkpoint, load_world_model
from vjepa2_models.checkpoint import CheckpointError
from vjepa2_models.frame_decoder import FrameDecoder
from vjepa2_models.frame_decoder_file import bundled_frame_decoder, load_frame_decoder
from vjepa2_models.rollout import Rollout
from vjepa2_monitor.disk_space import MEGABYTE
from vjepa2_planner.landscape import Landscape, Question, plane_landscape

RADIUS, STEP = 0.075, 0.015
"""Of the landscape, in metres: the planner's box in 11 x 11 actions."""
NICENESS = 15


@dataclass(frozen=True, eq=False)
class Asked:
    """A step to be imagined. view, goal: uint8 [H,W,3]. state [7] in the view, action [7]."""

    model: str
    view: NDArray[np.uint8]
    goal: NDArray[np.uint8]
    state: NDArray[np.float64]
    action: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Imagined:
    """next_frame: uint8 [S,S,3], None where there is no decoder. why: what is missing, if any."""

    action: NDArray[np.float64]
    landscape: Landscape | None = None
    next_frame: NDArray[np.uint8] | None = None
    why: str = ""


class Imagination:
    """A thread that answers the newest question; one that comes meanwhile replaces the waiting.

    told: is given each answer, on that thread. largest: checkpoint that is loaded [MB].
    """

    def __init__(self, told: Callable[[Imagined], object], largest: float) -> None:
        self._told = told
        self._largest = largest
        self._loaded: tuple[str, WorldModel, FrameDecoder | str] | None = None
        self._changed = threading.Condition()
        self._waiting: Asked | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="imagination", daemon=True)
        self._thread.start()

    def ask(self, asked: Asked) -> None:
        """Returns at once."""
        with self._changed:
            self._waiting = asked
            self._changed.notify()

    def close(self) -> None:
        """End the thread; what it is at, it finishes."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        # Linux has a priority for each thread: the page itself stays quick.
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closing)
                if self._closing:
                    return
                asked, self._waiting = self._waiting, None
            assert asked is not None
            try:
                imagined = self._imagined(asked)
            except Exception as error:
                imagined = Imagined(asked.action, why=str(error) or type(error).__name__)
            self._told(imagined)

    @torch.inference_mode()
    def _imagined(self, asked: Asked) -> Imagined:
        model, decoder = self._model(asked.model)
        context, goal = (model.encode(image[None]) for image in (asked.view, asked.goal))
        state, action = (_tensor(numbers) for numbers in (asked.state, asked.action))
        question = Question(model, context, state, goal)
        landscape = plane_landscape(question, radius=RADIUS, step=STEP, held=action)
        if isinstance(decoder, str):
            return Imagined(asked.action, landscape, why=decoder)
        features = next(Rollout(model.predictor, context, state[None]).imagine(action[None, None]))
        return Imagined(asked.action, landscape, decoder.decode(features)[0].numpy())

    def _model(self, name: str) -> tuple[WorldModel, FrameDecoder | str]:
        """The model in float32, as a decoder tells its encoder by; and why there is no decoder."""
        if self._loaded is None or self._loaded[0] != name:
            self._loaded = None
            path = self._checkpoint(name)
            model = load_world_model(path)
            if model.predictor.use_extrinsics:
                raise ValueError(f"{name} needs the camera's pose, which is not known here")
            self._loaded = name, model, _decoder(model)
        return self._loaded[1:]

    def _checkpoint(self, name: str) -> Path:
        if name == "simulator":
            raise ValueError("the world model `simulator` sees no pictures")
        path = bundled_checkpoint() if name == "bundled" else Path(name)
        size = path.stat().st_size / MEGABYTE
        if size > self._largest:
            raise ValueError(
                f"{path.name} has {size:.0f} MB, and largest_model is {self._largest:g}"
            )
        return path


def _decoder(model: WorldModel) -> FrameDecoder | str:
    try:
        return load_frame_decoder(bundled_frame_decoder(), model.encoder)
    except (FileNotFoundError, CheckpointError) as error:
        return str(error)


def _tensor(numbers: Any) -> Tensor:
    return torch.as_tensor(np.array(numbers), dtype=torch.float32)
