"""What is wrong with camera, goal or arm ends the loop before anything moves."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from vjepa2_planner import LocalObserver, Outcome, RecedingHorizon, encode_goal, preset
from vjepa2_robot.arm_driver import MotionCode
from vjepa2_robot.limited_arm import LimitedArm
from vjepa2_sim.bench import TableCamera, open_bench
from vjepa2_sim.reach import draw_reach_trial

SIZE = 64


@pytest.fixture(scope="module")
def bench():
    """A bench with the arm at the start of a trial."""
    with open_bench() as bench:
        bench.set_up(draw_reach_trial(5))
        yield bench


@pytest.fixture
def still(bench):
    """The arm must not have moved by the end of the test."""
    before = bench.table.true_state().joints
    yield
    np.testing.assert_allclose(bench.table.true_state().joints, before, atol=1e-3)


@dataclass(frozen=True)
class GreyCamera:
    """A camera without colour."""

    camera: TableCamera

    def capture(self):
        frame = self.camera.capture()
        return replace(frame, image=frame.image.mean(axis=2).astype(np.uint8))


@dataclass(frozen=True)
class LostArm:
    """An arm whose state has a NaN."""

    arm: object

    def state(self):
        state = self.arm.state()
        pose = state.pose.copy()
        pose[1] = np.nan
        return replace(state, pose=pose)

    def execute(self, delta, start):
        return self.arm.execute(delta, start=start)


def _loop(bench, world_model, camera, arm):
    goal = world_model.encode(bench.goal_image(draw_reach_trial(5), SIZE)[None])
    planner = preset("demo_sim").planner()
    return RecedingHorizon(
        world_model=world_model,
        planner=planner,
        observer=LocalObserver(world_model, camera, arm),
        arm=arm,
        goal=goal,
        budget=2,
    )


def test_a_picture_of_another_shape(bench, world_model, still):
    """A grey picture is refused by name."""
    loop = _loop(bench, world_model, GreyCamera(TableCamera(bench.table, SIZE)), bench.arm)
    with pytest.raises(ValueError, match=r"RGB uint8.*\[1, 64, 64\]"):
        list(loop)


def test_a_goal_of_another_resolution(bench, world_model, still):
    """A goal of 96 pixels does not go with a live view of 64."""
    goal = bench.goal_image(draw_reach_trial(5), 96)
    with pytest.raises(ValueError, match=r"goal image is \[96, 96, 3\].*\[64, 64, 3\]"):
        encode_goal(world_model, goal, TableCamera(bench.table, SIZE))


def test_a_state_that_is_not_finite(bench, world_model, still):
    """The pursuit ends with a code of its own."""
    loop = _loop(bench, world_model, TableCamera(bench.table, SIZE), LostArm(bench.arm))
    assert list(loop) == []
    assert loop.ending.outcome is Outcome.STATE_NOT_FINITE
    assert loop.ending.outcome.fault


def test_limits_refuse_a_motion_from_a_state_that_is_not_finite(bench, still):
    """A finite delta from a NaN has no target."""
    arm = LimitedArm(LostArm(bench.arm), bench.arm.limits)
    assert arm.execute([0.01, 0, 0, 0, 0, 0, 0]).code is MotionCode.REFUSED_NOT_FINITE
