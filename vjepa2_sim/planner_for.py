"""The planner of a preset, or what stands in its place for a policy."""

from __future__ import annotations

from typing import Any

from vjepa2_planner import FingerCheck, Planner, Policy, PolicyPlanner, WorldModel, preset


def planner_for(world_model: WorldModel[Any], preset_name: str) -> Planner:
    """Plans with a world model; a policy says what to do, and only the constraint is the preset's.

    Raises ValueError for an unknown preset.
    """
    chosen = preset(preset_name)
    if isinstance(world_model, Policy):
        return PolicyPlanner(chosen.constraint, chosen.settings.fixed_gripper)
    return chosen.planner()


def finger_check_for(world_model: WorldModel[Any], preset_name: str) -> FingerCheck[Any] | None:
    """Who decides on the fingers in place of the plan; one for each trial.

    Not for a policy: it moves them a little in every step, in which the arm would have to rest.
    """
    settings = preset(preset_name).finger_settings()
    return None if settings is None or isinstance(world_model, Policy) else FingerCheck(settings)
