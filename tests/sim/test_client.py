"""The simulation in its own process, moved by the real franky client."""

import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from vjepa2_robot.franky_driver import FrankyArm
from vjepa2_robot.franky_settings import FrankySettings
from vjepa2_sim.camera_placement import CameraPlacement
from vjepa2_sim.client import SimulatedTable, SimulationError
from vjepa2_sim.random_motion import RandomMotion
from vjepa2_sim.reach import draw_reach_trial, start_joints
from vjepa2_sim.scene import TableObject, TableScene, light_scene, place_camera

SIZE = 128


@pytest.fixture(scope="module")
def table():
    """A running simulation."""
    with SimulatedTable() as table:
        yield table


def _difference(one, other):
    return np.abs(one.astype(int) - other).mean()


def _at_rest(table):
    """Wait until the simulated arm stands still; franky-sim's controller lags by 0.1 s."""
    before = table.true_state().position
    deadline = time.monotonic() + 30.0
    while time.monotonic() < deadline:
        now = table.capture(16) and table.true_state().position
        if np.linalg.norm(now - before) < 1e-6:
            return table.true_state()
        before = now
    raise AssertionError("the arm does not come to rest")


def test_direct_driver_and_franky_agree(table, driver, camera):
    """After the same deltas: hand within 1 mm, nearly the same picture, same gripper."""
    trial = draw_reach_trial(3)
    joints = start_joints(trial, driver)
    place_camera(driver.model, trial.camera)
    light_scene(driver.model, trial.lighting)
    table.reset(joints, 0.08, trial.camera, trial.lighting)
    arm = FrankyArm(table.hostname)
    try:
        motion = RandomMotion(np.random.default_rng(3))
        deltas = []
        for _ in range(8):
            deltas.append(motion.next_delta(driver.state().pose))
            deltas[-1][6] = 0.0
            driver.execute(deltas[-1])
        for delta in deltas:
            assert arm.execute(delta).code.ok
        reported = arm.state()
        state = _at_rest(table)
        picture = table.capture(SIZE).image
        expected = camera.capture(driver.data)
        assert np.linalg.norm(reported.pose[:3] - driver.state().pose[:3]) < 0.001
        assert np.linalg.norm(state.position - driver.state().pose[:3]) < 0.001
        np.testing.assert_allclose(state.joints, driver.joints, atol=0.02)
        difference = _difference(picture, expected)
        assert difference < 1.5
        driver.execute([0, 0, 0.02, 0, 0, 0, 0])
        displaced = _difference(camera.capture(driver.data), picture)
        assert displaced > 4 * difference
    finally:
        arm.close()


def test_a_motion_has_ended_when_it_returns(table, driver):
    """The arm stands within 0.7 mm of where it comes to rest, so a picture shows it there."""
    table.reset(driver.joints)
    arm = FrankyArm(table.hostname, FrankySettings(speed_factor=0.5, acceleration_factor=0.3))
    try:
        for step in (0.07, -0.07):
            result = arm.execute([step, step, step, 0, 0, 0, 0])
            returned = table.true_state()
            assert result.code.ok, result.message
            assert result.motion_end_stamp < returned.stamp
            rest = _at_rest(table)
            assert np.linalg.norm(rest.position - returned.position) < 0.0007
    finally:
        arm.close()


def test_a_picture_is_taken_after_it_was_asked_for(table):
    """The stamp lies between request and answer, on this process's clock; any size works."""
    before = time.monotonic()
    frame = table.capture(96)
    assert before < frame.stamp < time.monotonic()
    assert frame.image.shape == (96, 96, 3)
    assert frame.image.dtype == np.uint8
    assert frame.image.std() > 20


def test_reset_puts_arm_gripper_and_camera_into_place(table, driver):
    """After a reset the arm is where asked, and the picture is the new camera's."""
    home = driver.joints
    table.reset(home)
    usual = table.capture(64).image
    np.testing.assert_allclose(table.true_state().joints, home, atol=1e-3)
    moved = home.copy()
    moved[0] += 0.2
    table.reset(moved, gripper_width=0.02)
    state = table.true_state()
    np.testing.assert_allclose(state.joints, moved, atol=1e-3)
    assert state.gripper_width == pytest.approx(0.02, abs=0.002)
    table.reset(home, camera=replace(CameraPlacement(), angle_deg=65.0))
    assert _difference(table.capture(64).image, usual) > 1.0
    table.reset(home)
    assert _difference(table.capture(64).image, usual) < 0.2


def test_two_simulations_run_side_by_side(table):
    """A second one has an address of its own, and objects where its scene puts them."""
    cup = TableObject("cup", "cup", (0.5, 0.0, 0.05), (0.04, 0.05))
    with SimulatedTable(TableScene(objects=(cup,))) as other:
        assert other.hostname != table.hostname
        table.reset(TableScene().initial_joints)
        column, row = (CameraPlacement().project([cup.position])[0] * SIZE).astype(int)
        seen = other.capture(SIZE).image[row, column].astype(int)
        empty = table.capture(SIZE).image[row, column]
        assert np.abs(seen - empty).max() > 20


def test_a_bad_request_is_an_error_and_the_simulation_goes_on(table):
    """A wrong number of joints and an impossible size are refused with a reason."""
    with pytest.raises(SimulationError, match="7 joint"):
        table.reset([0.0, 0.0])
    with pytest.raises(SimulationError, match="finite"):
        table.reset([np.nan] * 7)
    with pytest.raises(SimulationError, match="pixels"):
        table.capture(5000)
    assert table.capture(32).image.shape == (32, 32, 3)


def test_a_simulation_that_cannot_start_says_why():
    """An impossible scene is a clear error, and leaves no process."""
    unknown = TableObject("thing", "teapot", (0.5, 0, 0.1), (0.1,))
    with pytest.raises(SimulationError, match="teapot"), SimulatedTable(TableScene((unknown,))):
        pass


def test_a_dead_simulation_is_an_error():
    """Once its process is gone, each request says so."""
    with SimulatedTable() as table:
        os.kill(table.pid, signal.SIGKILL)
        with pytest.raises(SimulationError, match="died"):
            for _ in range(3):
                table.capture(32)


_PARENT = """
from vjepa2_sim.client import SimulatedTable
import time
with SimulatedTable() as table:
    print(table.pid, flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_the_simulation_dies_with_its_parent(how):
    """Killed or interrupted, the parent leaves nothing running."""
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    child = os.pidfd_open(int(parent.stdout.readline()))
    try:
        parent.send_signal(how)
        parent.wait()
        ended, _, _ = select.select([child], [], [], 30.0)
        assert ended
    finally:
        os.close(child)
        parent.stdout.close()
