"""What every planner needs to know, whichever optimiser it has."""

import math
from dataclasses import dataclass

from vjepa2_planner.optimiser import is_count, require, within


@dataclass(frozen=True, kw_only=True)
class PlanSettings:
    """Horizon, first distribution, and how a plan becomes an action; section 3.2 of the paper.

    ``fixed_gripper`` leaves the gripper as it is (reach tasks). These are not part of the paper's
    method: ``hold_margin`` is the share of the energy of standing still that a plan must save; one
    that saves less becomes standing still, so that an arm at its goal does not wander by the
    model's error. ``gripper_margin`` is for a change of the gripper: the energy that it must save,
    as what fingers do to the features does not depend on how far away the rest is.
    ``gripper_tries`` changes of the gripper, evenly spread, are tried with the rest of the plan as
    it was found: fingers change few features, so that among candidates which differ in everything
    the arm decides. ``gripper_by_direction``: to open or to close must save the margin in the mean
    over all tries that do, as the lowest of many is the one that the model errs about most.
    ``gripper_check``: the closed loop decides on the gripper in place of the plan, see
    `FingerCheck`: goals that are nearer to each other than ``gripper_alone`` differ by the fingers
    alone, and closing is tried where it costs no more than ``gripper_try_cost``, both in units of
    the energy. ``gripper_rest`` [m]: a
    step that moves the hand further leaves the gripper; what fingers do is small beside the
    model's error about long steps. ``repeat`` is for how many
    steps a candidate's actions are each imagined to be repeated: sight of several steps at the
    search space of one. ``low_discrepancy``: draws from a Sobol sequence. ``warm_start``: the
    first mean is the last step's plan, shifted by a step. ``time_budget`` [s]: no refinement is
    begun that would end later, judged by the one before it; infinite: all are carried out.
    """

    horizon: int = 1
    translation_std: float = 0.075  # first std of x, y and z [m]
    rotation_std: float = 0.1  # of the rotations [rad], where the constraint has them
    gripper_std: float = 1.0  # first std of the change of closedness
    gripper_deadband: float = 0.25  # a smaller final change of closedness becomes 0
    fixed_gripper: bool = False
    hold_margin: float = 0.0
    gripper_margin: float = 0.0
    gripper_tries: int = 0
    gripper_by_direction: bool = False
    gripper_check: bool = False
    gripper_alone: float = 0.0
    gripper_try_cost: float = 0.0
    gripper_rest: float = math.inf
    repeat: int = 1
    low_discrepancy: bool = False
    warm_start: bool = False
    time_budget: float = math.inf

    def __post_init__(self) -> None:
        for name in ("horizon", "repeat"):
            require(self, name, is_count(getattr(self, name)), "an integer of at least 1")
        for name in ("translation_std", "rotation_std", "gripper_std"):
            positive = within(getattr(self, name), 1e-9, math.inf)
            require(self, name, positive, "a positive number")
        for name in ("gripper_margin", "gripper_alone", "gripper_try_cost"):
            saves = within(getattr(self, name), 0, math.inf)
            require(self, name, saves, "an energy of at least 0")
        checks = self.gripper_by_direction or not self.gripper_check
        require(self, "gripper_check", checks, "false without gripper_by_direction")
        alone = self.gripper_check == (self.gripper_alone > 0)
        require(self, "gripper_alone", alone, "over 0 with gripper_check, and 0 without it")
        tries = self.gripper_check or not self.gripper_try_cost
        require(self, "gripper_try_cost", tries, "0 without gripper_check")
        for name in ("hold_margin", "gripper_deadband"):
            require(self, name, within(getattr(self, name), 0, 1), "in [0, 1)")
        tries = self.gripper_tries == 0 or is_count(self.gripper_tries)
        require(self, "gripper_tries", tries, "an integer of at least 0")
        tried = self.gripper_tries > 1 or not self.gripper_by_direction
        require(self, "gripper_by_direction", tried, "false without gripper_tries")
        rest = isinstance(self.gripper_rest, int | float) and self.gripper_rest > 0
        require(self, "gripper_rest", rest, "a positive length in metres")
        budget = isinstance(self.time_budget, int | float) and self.time_budget > 0
        require(self, "time_budget", budget, "a positive time in seconds")


PAPER = PlanSettings()
"""One step ahead, as in section 4 of the paper."""
