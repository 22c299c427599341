"""Receding horizon (section 3.2): look, encode, plan, execute the first action, look again."""

import math
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import Generic

import numpy as np
import torch
from torch import Tensor

from vjepa2_planner.arm import Arm, MotionResult
from vjepa2_planner.failures import PlanningFailure, PursuitFailure
from vjepa2_planner.finger_check import FingerCheck
from vjepa2_planner.observer import Observer, View
from vjepa2_planner.plan import Plan, Planner
from vjepa2_planner.seeds import step_seed
from vjepa2_planner.step import Ending, Outcome, Step, Timing
from vjepa2_planner.stopping import StoppingRule
from vjepa2_planner.warm_start import shifted
from vjepa2_planner.world_model import Latent, WorldModel

FROZEN_M = 0.01
"""An arm that has moved by more is seen to have moved, unless the camera is frozen."""


class RecedingHorizon(Generic[Latent]):
    """One pursuit of one goal; iterate over it for its steps, then read ``ending``.

    ``goal`` is the latent of the goal image, ``budget`` the most actions that are commanded.
    Control is blocking: after a motion only an image captured later than its end plus
    ``settle_seconds`` is planned from, and at the start one captured after ``not_before``.

    ``fingers``: decides on them in place of the plan; see :class:`FingerCheck`.

    A planning failure, a motion that does not succeed and a :class:`PursuitFailure` of observer,
    arm or world model end the pursuit with a code. ``cancelled`` is asked before each phase.
    """

    def __init__(
        self,
        *,
        world_model: WorldModel[Latent],
        planner: Planner,
        observer: Observer[Latent],
        arm: Arm,
        goal: Latent,
        budget: int,
        seed: int = 0,
        stopping: Sequence[StoppingRule] = (),
        fingers: FingerCheck[Latent] | None = None,
        settle_seconds: float = 0.0,
        not_before: float = -math.inf,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        if budget < 0:
            raise ValueError(f"budget must be at least 0 steps, got {budget}")
        if not settle_seconds >= 0:
            raise ValueError(f"settle_seconds must be at least 0, got {settle_seconds}")
        self.world_model = world_model
        self.planner = planner
        self.observer = observer
        self.arm = arm
        self.goal = goal
        self.budget = budget
        self.seed = seed
        self.stopping = tuple(stopping)
        self.fingers = fingers
        self.settle_seconds = settle_seconds
        self.not_before = not_before
        self.cancelled = cancelled
        self.ending: Ending | None = None
        self._view: View[Latent] | None = None

    def __iter__(self) -> Iterator[Step]:
        """Yield a :class:`Step` after each commanded action; set ``ending`` when it is over."""
        self.ending, self._view = None, None
        try:
            yield from self._pursue()
        except PlanningFailure as failure:
            self._end(Outcome.PLANNING_FAILED, str(failure), int(failure.code))
        except PursuitFailure as failure:
            self._end(failure.outcome, str(failure), failure.code)

    def _pursue(self) -> Iterator[Step]:
        energies: list[float] = []
        after, warm = self.not_before, None
        while True:
            started = perf_counter()
            self._check_cancelled()
            view = self.observer.look(self.goal, after)
            if self._view is None and self.fingers is not None:
                self.fingers.begin(self.world_model, self.goal, view.state)
            _check_change(self._view, view)
            self._view = view
            energies.append(view.energy)
            if self._is_over(view, energies):
                return
            index = len(energies) - 1
            plan = self._plan(view, index, warm)
            warm = shifted(plan.actions)
            action = plan.actions[0].numpy().astype(np.float64)
            if self.fingers is not None:
                following = self.budget - index - 1
                action = self.fingers.settled(
                    action, view.state, view.energy, plan.strokes, following
                )
            self._check_cancelled()
            motion = self.arm.execute(action, start=view.state)
            timing = Timing(
                view.waiting_seconds,
                view.encoding_seconds,
                plan.seconds,
                motion.seconds,
                perf_counter() - started,
            )
            yield Step(index, view.energy, view.state, view.stamp, action, plan, motion, timing)
            if not motion.code.ok:
                self._check_cancelled()
                self._end(_outcome(motion), motion.message, int(motion.code))
                return
            after = motion.motion_end_stamp + self.settle_seconds

    def _plan(self, view: View[Latent], index: int, warm: Tensor | None) -> Plan:
        states = torch.as_tensor(view.state[None], dtype=torch.float32)
        seed = step_seed(self.seed, index)
        return self.planner.plan(
            self.world_model, view.latent, states, self.goal, seed=seed, warm=warm
        )

    def _is_over(self, view: View[Latent], energies: Sequence[float]) -> bool:
        if not np.isfinite(view.state).all():
            self._end(Outcome.STATE_NOT_FINITE, f"the arm is at {view.state.tolist()}")
        elif not np.isfinite(view.energy):
            self._end(Outcome.VIEW_NOT_FINITE, f"the energy of the view is {view.energy}")
        else:
            for rule in self.stopping:
                if (outcome := rule.outcome(energies)) is not None:
                    self._end(outcome, f"{rule} after {len(energies) - 1} steps")
                    return True
            if len(energies) > self.budget:
                self._end(Outcome.BUDGET_SPENT, f"all {self.budget} steps are spent")
        return self.ending is not None

    def _check_cancelled(self) -> None:
        if self.cancelled():
            raise PursuitFailure(Outcome.CANCELLED, "cancelled by request")

    def _end(self, outcome: Outcome, reason: str, code: int | None = None) -> None:
        view = self._view
        energy, state = (view.energy, view.state) if view else (math.nan, np.full(7, math.nan))
        self.ending = Ending(outcome, reason, energy, state, code)
        if self.fingers is not None and outcome.fault:
            self.fingers.forget()


def _check_change(before: View[Latent] | None, now: View[Latent]) -> None:
    """Raise CAMERA_SILENT where the picture is the same, bit for bit, though the arm has moved."""
    if before is None or before.energy != now.energy:
        return
    moved = float(np.linalg.norm(now.state[:3] - before.state[:3]))
    if moved > FROZEN_M:
        raise PursuitFailure(
            Outcome.CAMERA_SILENT,
            f"the picture has not changed at all though the arm moved by {100 * moved:.1f} cm: is "
            "the camera frozen, or does it look elsewhere?",
        )


def _outcome(motion: MotionResult) -> Outcome:
    return Outcome.MOTION_REFUSED if motion.code.refused else Outcome.MOTION_FAILED
