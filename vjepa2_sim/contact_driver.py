"""An arm that goes exactly where it is sent, among fingers and objects that obey physics."""

from __future__ import annotations

from collections.abc import Sequence

import mujoco
import numpy as np
from franky_sim.constants import FRANKA_HAND_MAX_WIDTH
from numpy.typing import ArrayLike, NDArray

from vjepa2_robot.arm_driver import ArmState
from vjepa2_robot.inverse_kinematics import UnreachableError
from vjepa2_robot.poses import apply_delta
from vjepa2_sim.direct import DirectDriver
from vjepa2_sim.scene import TableObject, TableScene
from vjepa2_sim.table_objects import SLOTS, put_objects

Vector = NDArray[np.float64]

STEP_S = 0.25
"""Simulated time of one motion: a frame at 4 fps."""
_TIMESTEP_S = 0.002
_SEGMENTS, _PHYSICS_STEPS = 12, 10
_REST_S = STEP_S - _SEGMENTS * _PHYSICS_STEPS * _TIMESTEP_S
_FINGER_STIFFNESS, _FINGER_DAMPING = 2000.0, 40.0
_FINGER_FORCE_N = 20.0
"""What the robot side grasps with unless told otherwise (`GripperSettings.force`)."""
FEEL = 0.15
"""How much further than asked closing fingers feel for an object (`GripperSettings.feel`)."""
FELT = 0.02
"""Fingers that stop so far short of it have met one (`GripperSettings.tolerance`)."""
_SETTLE_STEPS, _STILL_M_S = 15, 0.001
_HEAVY = 1e4
_PRESSED_M = 0.002


class ContactDriver:
    """Moves a hand among a cup and a box that are pushed, grasped, carried and dropped for real.

    The arm follows its joint path without dynamics, whatever it touches; that, and steps of 2 ms,
    makes it quick. Fingers are driven by force, and all
    that they and the objects touch is MuJoCo's contact physics, with the masses, sizes and
    friction of the live simulation. Nothing is ever attached to the hand. A descent ends where
    the hand presses an object onto the table, as a collision reflex would end it.
    """

    def __init__(self) -> None:
        self._direct = DirectDriver(TableScene(objects=SLOTS))
        self.model: mujoco.MjModel = self._direct.model
        self.data: mujoco.MjData = self._direct.data
        joints = [self.model.joint(f"robot0_fr3_joint{i}") for i in range(1, 8)]
        self._arm = np.array([joint.qposadr[0] for joint in joints])
        self._arm_speed = np.array([joint.dofadr[0] for joint in joints])
        fingers = [self.model.joint(f"robot0_finger_joint{i}") for i in (1, 2)]
        self._finger_speed = np.array([joint.dofadr[0] for joint in fingers])
        self._hand = self.model.actuator("robot0_hand").id
        self._objects = np.zeros(self.model.ngeom, dtype=bool)
        self._objects[[self.model.geom(f"{slot.name}_body").id for slot in SLOTS]] = True
        self._command = 0.0
        self._prepare()

    @property
    def pose(self) -> Vector:
        """Measured state [7]: x y z [m], extrinsic xyz Euler [rad], closedness."""
        return self._direct.state().pose

    def state(self) -> ArmState:
        """The arm now, exact."""
        return self._direct.state()

    def position_of(self, name: str) -> Vector:
        """Centre [3] m of an object."""
        return np.array(self.data.joint(f"{name}_joint").qpos[:3])

    def reset(self, waypoints: Sequence[ArrayLike]) -> None:
        """Put the arm at the last of poses [7], moved straight from home through all of them.

        The objects are away; see `put`. Raises UnreachableError.
        """
        mujoco.mj_resetData(self.model, self.data)
        self._direct.home()
        for waypoint in waypoints:
            pose = np.asarray(waypoint, dtype=np.float64)
            self._direct.place(
                self._direct.joints_at(pose), FRANKA_HAND_MAX_WIDTH * (1.0 - float(pose[6]))
            )
        self._command = float(self.pose[6])
        self.put(())

    def put(self, objects: Sequence[TableObject]) -> None:
        """Put these objects, of SLOTS by name, onto the table, and all others away."""
        put_objects(self.model, self.data, objects)

    def place(self, joints: ArrayLike, gripper_width: float, holds: bool) -> None:
        """Put the arm at joint positions [7] rad, the fingers at a width [m]; all then settles.

        holds: the fingers press together with the force of a grasp.
        """
        self._direct.place(joints, gripper_width)
        self._command = 1.0 if holds else float(self.pose[6])
        self._fingers(self._command)
        start = self._direct.joints
        for _ in range(_SEGMENTS):
            self._glide(start, start)
        mujoco.mj_forward(self.model, self.data)

    def execute(self, delta: ArrayLike) -> None:
        """Move by a delta [7] in the base frame within STEP_S.

        Closedness that rises closes the fingers and grasps with a force what it meets on the way
        or just beyond, 0 keeps to what was last commanded, so that a held object stays held, and a
        falling one opens them from where they are. Where the goal is out of reach the hand stays.
        """
        change = np.asarray(delta, dtype=np.float64)
        start = self.pose
        goal = apply_delta(start, change)
        wanted = float(goal[6])
        if change[6] == 0.0:
            wanted = self._command
        elif change[6] > 0.0:
            wanted = max(wanted, self._command)
        try:
            joints = self._direct.joints_at(goal)
        except UnreachableError:
            joints = self._direct.joints
        self._move(joints, float(start[6]), wanted, descends=change[2] < 0.0)

    def _move(self, goal: Vector, closedness: float, wanted: float, descends: bool) -> None:
        start = self._direct.joints
        begin = max(closedness, self._command) if wanted >= self._command else closedness
        here = start
        for k in range(1, _SEGMENTS + 1):
            there = start + (goal - start) * _smooth(k / _SEGMENTS)
            self._fingers(begin + (wanted - begin) * min(1.0, 1.5 * k / _SEGMENTS))
            self._glide(here, there)
            if descends and self._presses():
                self._glide(there, here)
                goal = start = here
            else:
                here = there
        self.data.qvel[self._arm_speed] = 0.0
        self._command = self._felt(wanted) if begin < wanted < 1.0 else wanted
        self._fingers(self._command)
        mujoco.mj_step(self.model, self.data, nstep=round(_REST_S / _TIMESTEP_S))
        self.data.qpos[self._arm] = here
        mujoco.mj_forward(self.model, self.data)

    def _glide(self, here: Vector, there: Vector) -> None:
        """Move the arm between joint positions at a constant velocity, in one segment's time."""
        self.data.qpos[self._arm] = here
        self.data.qvel[self._arm_speed] = (there - here) / (_PHYSICS_STEPS * _TIMESTEP_S)
        mujoco.mj_step(self.model, self.data, nstep=_PHYSICS_STEPS)
        self.data.qpos[self._arm] = there

    def _felt(self, wanted: float) -> float:
        """What to command once the fingers have felt for an object: full force, or as wanted."""
        further = min(1.0, wanted + FEEL)
        self._fingers(further)
        self._settle()
        if self.pose[6] < further - FELT:
            return 1.0
        self._fingers(wanted)
        self._settle()
        return wanted

    def _settle(self) -> None:
        """Wait until the fingers stand still, but not for ever."""
        for _ in range(20):
            mujoco.mj_step(self.model, self.data, nstep=_SETTLE_STEPS)
            if np.abs(self.data.qvel[self._finger_speed]).max() < _STILL_M_S:
                return

    def _fingers(self, closedness: float) -> None:
        self.data.ctrl[self._hand] = FRANKA_HAND_MAX_WIDTH / 2 * (1.0 - closedness)

    def _presses(self) -> bool:
        """Whether an object is squeezed from above or below."""
        contact = self.data.contact
        touches = self._objects[contact.geom].any(axis=1)
        level = np.abs(contact.frame[:, 2]) > 0.7
        return bool(np.any(touches & level & (contact.dist < -_PRESSED_M)))

    def _prepare(self) -> None:
        """Make the arm's joints immovable but for their set velocity; drive the fingers."""
        model = self.model
        model.opt.timestep = _TIMESTEP_S
        model.dof_armature[self._arm_speed] = _HEAVY
        model.dof_frictionloss[self._arm_speed] = 0.0
        model.dof_damping[self._arm_speed] = 0.0
        for i in range(model.ngeom):
            if "fr3_link" in model.body(model.geom_bodyid[i]).name:
                model.geom_contype[i] = model.geom_conaffinity[i] = 0
        # The tendon has the mean of both fingers' positions and half of the force goes to each.
        model.actuator_gainprm[self._hand, 0] = 2 * _FINGER_STIFFNESS
        model.actuator_biasprm[self._hand, :3] = 0, -2 * _FINGER_STIFFNESS, -2 * _FINGER_DAMPING
        model.actuator_forcerange[self._hand] = -2 * _FINGER_FORCE_N, 2 * _FINGER_FORCE_N
        model.actuator_ctrlrange[self._hand] = 0.0, FRANKA_HAND_MAX_WIDTH / 2


def _smooth(share: float) -> float:
    """Position at a share of the time, from rest to rest."""
    return share * share * (3.0 - 2.0 * share)
