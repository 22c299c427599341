"""Receding horizon (section 3.2): look, encode, plan, execute the first action, look again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Generic

import numpy as np
import torch
from numpy.typing import NDArray

from vjepa2_planner.arm import Arm, Camera, MotionResult
from vjepa2_planner.failures import PlanningFailure
from vjepa2_planner.plan import Plan, Planner
from vjepa2_planner.seeds import step_seed
from vjepa2_planner.step import Ending, Outcome, Step
from vjepa2_planner.stopping import StoppingRule
from vjepa2_planner.world_model import Latent, WorldModel


@dataclass(frozen=True, eq=False)
class _View(Generic[Latent]):
    latent: Latent
    state: NDArray[np.float64]
    energy: float
    encoding_seconds: float

    def ending(self, outcome: Outcome, reason: str, code: int | None = None) -> Ending:
        return Ending(outcome, reason, self.energy, self.state, code)


class RecedingHorizon(Generic[Latent]):
    """One pursuit of one goal; iterate over it for its steps, then read ``ending``.

    ``goal`` is the latent of the goal image, ``budget`` the most actions that are commanded.
    A planning failure or a motion that does not succeed ends the pursuit with a code; exceptions
    of camera, arm and world model (a broken connection, a wrong image) pass through.
    """

    def __init__(
        self,
        *,
        world_model: WorldModel[Latent],
        planner: Planner,
        camera: Camera,
        arm: Arm,
        goal: Latent,
        budget: int,
        seed: int = 0,
        stopping: Sequence[StoppingRule] = (),
    ) -> None:
        if budget < 0:
            raise ValueError(f"budget must be at least 0 steps, got {budget}")
        self.world_model = world_model
        self.planner = planner
        self.camera = camera
        self.arm = arm
        self.goal = goal
        self.budget = budget
        self.seed = seed
        self.stopping = tuple(stopping)
        self.ending: Ending | None = None

    def __iter__(self) -> Iterator[Step]:
        """Yield a :class:`Step` after each commanded action; set ``ending`` when it is over."""
        self.ending = None
        view = self._look()
        energies = [view.energy]
        while (ending := self._reason_to_stop(view, energies)) is None:
            index = len(energies) - 1
            try:
                plan = self._plan(view, index)
            except PlanningFailure as failure:
                ending = view.ending(Outcome.PLANNING_FAILED, str(failure), int(failure.code))
                break
            action = plan.actions[0].numpy().astype(np.float64)
            motion = self.arm.execute(action)
            after = self._look()
            seconds = view.encoding_seconds + plan.seconds
            yield Step(index, view.energy, view.state, action, plan, motion, after.state, seconds)
            if not motion.code.ok:
                ending = after.ending(_outcome(motion), motion.message, int(motion.code))
                break
            view = after
            energies.append(view.energy)
        self.ending = ending

    def _look(self) -> _View[Latent]:
        image = self.camera.capture()
        state = np.array(self.arm.state().pose, dtype=np.float64)
        started = perf_counter()
        latent = self.world_model.encode(image[None])
        energy = self.world_model.distance(latent, self.goal)
        return _View(latent, state, energy, perf_counter() - started)

    def _plan(self, view: _View[Latent], index: int) -> Plan:
        states = torch.as_tensor(view.state[None], dtype=torch.float32)
        seed = step_seed(self.seed, index)
        return self.planner.plan(self.world_model, view.latent, states, self.goal, seed=seed)

    def _reason_to_stop(self, view: _View[Latent], energies: Sequence[float]) -> Ending | None:
        if not np.isfinite(view.state).all():
            return view.ending(Outcome.STATE_NOT_FINITE, f"the arm is at {view.state.tolist()}")
        if not np.isfinite(view.energy):
            return view.ending(Outcome.VIEW_NOT_FINITE, f"the energy of the view is {view.energy}")
        for rule in self.stopping:
            if (outcome := rule.outcome(energies)) is not None:
                return view.ending(outcome, f"{rule} after {len(energies) - 1} steps")
        if len(energies) > self.budget:
            return view.ending(Outcome.BUDGET_SPENT, f"all {self.budget} steps are spent")
        return None


def _outcome(motion: MotionResult) -> Outcome:
    return Outcome.MOTION_REFUSED if motion.code.refused else Outcome.MOTION_FAILED
