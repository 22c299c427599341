"""A recorded run, and the plans in it, each with all that it was made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage

from vjepa2_monitor.compression import uncompressed
from vjepa2_msgs.msg import EndEffectorState, Goal, PursuitStep
from vjepa2_node.stamps import to_seconds


@dataclass(frozen=True, eq=False)
class RecordedPlan:
    """A step with its inputs; those that were not recorded are None.

    pursuit, index: from 0. frame: Image or EndEffectorState, whichever the world model looks at.
    planner, world_model: parameters in effect. rotation: W [2, 2], by which plans were turned.
    """

    pursuit: int
    step: PursuitStep
    frame: Any
    goal: Goal | None
    planner: Mapping[str, Any] | None
    world_model: Mapping[str, Any] | None
    rotation: NDArray[np.float64]


@dataclass(eq=False)
class RecordedRun:
    """What of a recording the plans depend on. Stamps are seconds of the ROS clock.

    about: what the recorder noted of its machine. steps: in order. frames: pictures by stamp,
    still compressed. states: of the arm by stamp. goal_ids: of each view's goal, by stamp.
    parameters: of a node by name, with the stamp from which on they held. rotations: the same.
    """

    about: Mapping[str, str] = field(default_factory=dict)
    steps: list[PursuitStep] = field(default_factory=list)
    frames: dict[float, CompressedImage] = field(default_factory=dict)
    states: dict[float, EndEffectorState] = field(default_factory=dict)
    goal_ids: dict[float, tuple[int, int]] = field(default_factory=dict)
    goals: dict[tuple[int, int], Goal] = field(default_factory=dict)
    parameters: dict[str, list[tuple[float, dict[str, Any]]]] = field(default_factory=dict)
    rotations: list[tuple[float, NDArray[np.float64]]] = field(default_factory=list)

    def plans(self) -> Iterator[RecordedPlan]:
        """Of all pursuits, in order."""
        pursuit, started = -1, 0.0
        for step in self.steps:
            stamp = to_seconds(step.header.stamp)
            if step.index == 0 or pursuit < 0:
                pursuit, started = pursuit + 1, stamp
            world_model = self._parameters("world_model", started)
            yield RecordedPlan(
                pursuit,
                step,
                self._frame(stamp, world_model),
                self.goals.get(self.goal_ids.get(stamp, (0, 0))),
                self._parameters("planner", started),
                world_model,
                self._rotation(started),
            )

    def _frame(self, stamp: float, world_model: Mapping[str, Any] | None) -> Any:
        if world_model is not None and world_model["model"] == "simulator":
            return self.states.get(stamp)
        picture = self.frames.get(stamp)
        return None if picture is None else uncompressed(picture)

    def _parameters(self, node: str, stamp: float) -> Mapping[str, Any] | None:
        """Those in effect at a stamp: the first that are known, with later changes."""
        known = self.parameters.get(node)
        if not known:
            return None
        _, first = known[0]
        changes = [values for changed, values in known[1:] if changed <= stamp]
        return {name: value for values in (first, *changes) for name, value in values.items()}

    def _rotation(self, stamp: float) -> NDArray[np.float64]:
        """The last one before a stamp; the first was there before the recording began."""
        found = [rotation for since, rotation in self.rotations[1:] if since <= stamp]
        first = [rotation for _, rotation in self.rotations[:1]]
        return [np.eye(2), *first, *found][-1]
