"""Fingers do what two goals tell, or are tried, looked at, and taken back if in vain."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Generic

import numpy as np
import torch
from numpy.typing import NDArray

from vjepa2_planner.constraints import GRIPPER
from vjepa2_planner.failures import PursuitFailure
from vjepa2_planner.fingers_between import fingers_between
from vjepa2_planner.gripper_direction import Stroke
from vjepa2_planner.step import Outcome
from vjepa2_planner.world_model import Latent, WorldModel

Vector = NDArray[np.float64]
STILL_M = 0.005
"""An arm whose next step is shorter is where it should be, and two views of it can be compared."""
SAME = 0.02
"""Goals show the same where they are nearer than this share of `FingerSettings.alone`."""
THERE = 2.0
"""A view with so many times the energy of goals with the same arm has the arm elsewhere; an object
that has slipped makes less."""
REMEMBERED_S = 30.0
"""Seconds after which the arm, unwatched, may be anywhere, and the last goal tells nothing."""
DOUBT = 0.05
"""What two goals tell less clearly than this yields to what fingers can do at all."""
MOVED = 0.05
"""Closedness; fingers that moved by less met something, and to take that back would let it go."""
STOPPED_SHORT = 0.1
"""Closedness; fingers that end so far from where they were sent have closed on something."""
CLEARLY = 0.98
"""Share of its energy that a view may have left for a try to have helped."""


@dataclass(frozen=True)
class FingerSettings:
    """When fingers move, in units of the world model's energy; see `FingerCheck`.

    alone: goals that are nearer to each other than this differ by the fingers alone. cost: what
    closing may cost to be tried. margin: what any change has to save otherwise.
    """

    alone: float
    cost: float
    margin: float


@dataclass(frozen=True)
class _Made:
    """A change of the gripper that is not looked at yet, and what there was before it."""

    change: float
    closedness: float
    energy: float
    stopped_at: float


class FingerCheck(Generic[Latent]):
    """Decides on the fingers in place of the plan. Not part of the paper's method.

    What they do to the features is small: a world model imagines it badly, and from a view of an
    arm that is a little off its goal it can't be read. Where a goal and the one before it differ
    by the fingers alone, they do what leads from one to the other (`fingers_between`), once and
    as far as they may, as soon as the arm is there and still: those of an open hand can only
    close, and those that have closed on something only open.

    Otherwise they are tried, as far as they may: the arm rests meanwhile, two views then differ
    by the fingers alone, and unless the later one has clearly less energy the change is taken
    back; so is closing that met nothing. Each direction is tried once for a goal, and none once
    one has helped. After a goal from which the arm moves to this one, a change has to save the
    margin. Where nothing is known of a goal before, closing is tried even if the model imagines
    that it costs energy, as it can be taken back; opening might let something fall.

    One for as long as an arm is watched: it remembers the last goal. `told` says what is known of
    the fingers in this one.
    """

    def __init__(
        self, settings: FingerSettings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.settings = settings
        self.told = "nothing"
        self._clock = clock
        self._last_seen = clock()
        self._goal: Latent | None = None
        self._between: float | None = None
        self._made: _Made | None = None
        self._stopped_at = math.inf
        self._done_with: set[float] = set()

    def begin(self, world_model: WorldModel[Latent], goal: Latent, state: Vector) -> None:
        """A goal from now on, or again after a pause. state: [7], of the arm now."""
        closedness = float(state[GRIPPER])
        self._look_at(closedness)
        former, self._goal = self._goal, goal
        self._made, self._done_with = None, set()
        unseen, self._last_seen = self._clock() - self._last_seen, self._clock()
        distance = None if former is None else _distance(world_model, former, goal)
        same = distance is not None and distance <= SAME * self.settings.alone
        if same and self._between is not None:
            return  # what was done already is not possible once more
        if former is None or distance is None or same or unseen > REMEMBERED_S:
            self._between, self.told = None, "no goal before: closing may be tried"
        elif not distance < self.settings.alone or not np.isfinite(state).all():
            self._between, self.told = 0.0, "the arm moves from the last goal: fingers stay"
        else:
            at = torch.as_tensor(state, dtype=torch.float32)
            evidence = fingers_between(world_model, former, goal, at)
            self._between = _taken(evidence, self._possible(closedness))
            does = {-1.0: "they open", 1.0: "they close", 0.0: "what they do is not possible"}
            self.told = f"the last goal differs by the fingers alone: {does[self._between]}"

    def forget(self) -> None:
        """The arm was not watched, or did not do what it should: the last goal tells nothing."""
        self._goal = self._between = self._made = None
        self._stopped_at = math.inf

    def settled(
        self,
        action: Vector,
        state: Vector,
        energy: float,
        strokes: Sequence[Stroke],
        following: int,
    ) -> Vector:
        """The action [7] to execute in place of the planned one: of the arm or of the fingers.

        As in a plan: m and rad in the base frame, and closedness. state: [7], of the arm now.
        energy: of the view now. strokes: what the plan says of each direction of the fingers;
        none in a step that is too long for them. following: how many steps follow this one.
        """
        self._last_seen = self._clock()
        closedness = float(state[GRIPPER])
        made, self._made = self._look_at(closedness), None
        if made is not None and (back := self._to_take_back(made, closedness, energy)):
            return _fingers_alone(back)
        still = bool(np.linalg.norm(action[:3]) <= STILL_M)
        there = energy < THERE * self.settings.alone and (still or following <= 1)
        # Nobody looks after the last step: it tries nothing.
        may = there if self._between else (still and following > 0)
        open_to_it = set(self._possible(closedness)) - self._done_with
        strokes = [s for s in strokes if may and _sign(s) in open_to_it and self._is_worth_it(s)]
        chosen = max(strokes, key=lambda stroke: stroke.saving, default=None)
        if chosen is None:
            return np.concatenate([action[:GRIPPER], [0.0]])
        self._done_with.add(_sign(chosen))
        self._made = _Made(chosen.change, closedness, energy, self._stopped_at)
        return _fingers_alone(chosen.change)

    def _look_at(self, closedness: float) -> _Made | None:
        """What the fingers were told to do last; notes where they have stopped."""
        if closedness < self._stopped_at - MOVED:
            self._stopped_at = math.inf
        made = self._made
        # Fingers that have not closed at all were never told to: the motion was refused, or dry.
        if made is not None and made.change > 0 and closedness > made.closedness + MOVED:
            sent = min(made.closedness + made.change, 1.0)
            self._stopped_at = closedness if closedness < sent - STOPPED_SHORT else math.inf
        return made

    def _possible(self, closedness: float) -> tuple[float, ...]:
        opens = closedness > MOVED
        closes = closedness < min(self._stopped_at, 1.0) - MOVED
        return (-1.0,) * opens + (1.0,) * closes

    def _to_take_back(self, made: _Made, closedness: float, energy: float) -> float:
        """By how much what was tried is taken back; 0 where it stays."""
        back = made.closedness - closedness
        if self._between or abs(back) <= MOVED:
            return 0.0
        met_nothing = made.change > 0 and math.isinf(self._stopped_at)
        if energy < CLEARLY * made.energy and not met_nothing:
            self._done_with |= {-1.0, 1.0}
            return 0.0
        self._stopped_at = made.stopped_at
        # No further than was allowed on the way: a measurement errs.
        return float(np.clip(back, -abs(made.change), abs(made.change)))

    def _is_worth_it(self, stroke: Stroke) -> bool:
        if self._between:
            return _sign(stroke) == self._between and stroke.saving > -math.inf
        free = self._between is None and stroke.change > 0
        return stroke.saving >= (-self.settings.cost if free else self.settings.margin)


def _distance(world_model: WorldModel[Latent], former: Latent, goal: Latent) -> float | None:
    """Energy between two goals; None where the world model has forgotten one."""
    try:
        return world_model.distance(former, goal)
    except PursuitFailure as failure:
        if failure.outcome is Outcome.CANCELLED:
            raise
        return None


def _taken(evidence: float, possible: Collection[float]) -> float:
    """The direction that the evidence is for, or the only possible one where that is doubtful."""
    if not math.isfinite(evidence):
        return 0.0
    direction = math.copysign(1.0, evidence)
    if direction in possible:
        return direction
    return next(iter(possible)) if len(possible) == 1 and abs(evidence) < DOUBT else 0.0


def _fingers_alone(change: float) -> Vector:
    return np.array([0.0] * GRIPPER + [change])


def _sign(stroke: Stroke) -> float:
    return math.copysign(1.0, stroke.change)
