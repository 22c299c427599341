"""Moves of the real arm, each inferred as soon as it was seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from vjepa2_planner import PursuitFailure, View
from vjepa2_planner.calibration import (
    CalibrationCode,
    CalibrationError,
    CameraId,
    Grid,
    MovePlan,
    Moves,
    inferred_move,
    walk,
)
from vjepa2_planner.landscape import Question
from vjepa2_planner.step import Outcome
from vjepa2_planning.bridge_arm import BridgeArm
from vjepa2_planning.camera_watch import CameraWatch
from vjepa2_planning.live_observer import LiveObserver
from vjepa2_planning.pursuit_model import PursuitModel
from vjepa2_world_model.latents import LatentId

REFERENCE_FRAMES = 40
CODES = {
    Outcome.CANCELLED: CalibrationCode.CANCELLED,
    Outcome.CAMERA_SILENT: CalibrationCode.CAMERA_SILENT,
    Outcome.ARM_SILENT: CalibrationCode.ARM_SILENT,
    Outcome.WORLD_MODEL_LOST: CalibrationCode.WORLD_MODEL_LOST,
}
OnMove = Callable[[int, float], None]
"""Is told how many moves are done, and an estimate of the seconds left."""


@dataclass
class Recording:
    """What was seen so far. frames: pictures for the reference view, uint8 [H, W, 3]."""

    camera: CameraId
    moves: Moves = field(default_factory=Moves)
    frames: list[NDArray[np.uint8]] = field(default_factory=list)


@dataclass(frozen=True)
class LiveCalibration:
    """The parts of one calibration; `carry_out` blocks."""

    observer: LiveObserver
    arm: BridgeArm
    world_model: PursuitModel
    watch: CameraWatch
    grid: Grid
    settle_seconds: float
    image_timeout: float
    cancelled: Callable[[], bool]

    @torch.no_grad()
    def carry_out(
        self, plan: MovePlan, recording: Recording, not_before: float, on_move: OnMove
    ) -> None:
        """Execute all moves and add them to the recording.

        not_before: stamp of the first view [s, ROS clock]. Raises CalibrationError; what was
        recorded until then stays.
        """
        every = max(len(plan.deltas) // REFERENCE_FRAMES, 1)
        started = monotonic()
        try:
            walked = walk(
                plan, self.arm, self._look, self.cancelled, self.settle_seconds, not_before
            )
            for done, move in enumerate(walked, 1):
                recording.moves.add(self._inferred(move.before, move.after), move.executed)
                if done % every == 0:
                    recording.frames.append(self.watch.picture(self.image_timeout))
                seconds = (monotonic() - started) / done
                on_move(done, seconds * (len(plan.deltas) - done))
        except PursuitFailure as failure:
            code = CODES.get(failure.outcome, CalibrationCode.FAILED)
            raise CalibrationError(code, str(failure)) from failure

    def _look(self, after: float) -> View[LatentId]:
        return self.observer.look(None, after)

    def _inferred(
        self, before: View[LatentId], after: View[LatentId]
    ) -> NDArray[np.float64] | None:
        state: Any = torch.as_tensor(before.state, dtype=torch.float32)
        question = Question(self.world_model, before.latent, state, after.latent)
        return inferred_move(question, self.grid)
