"""An arm that goes astray, on the bench without dynamics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from vjepa2_planner.calibration import infer_moves, solve, turn
from vjepa2_sim.bench import Bench
from vjepa2_sim.calibration_run import AREA, planned, record, set_up
from vjepa2_sim.camera_placement import CameraPlacement
from vjepa2_sim.direct_bench import open_direct_bench
from vjepa2_sim.simulator_world_model import SimulatorWorldModel
from vjepa2_sim.turned_arm import TurnedArm


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """One for all tests."""
    with open_direct_bench() as bench:
        set_up(bench, CameraPlacement())
        yield bench


def turned(bench: Bench, degrees: float) -> Bench:
    """The bench with an arm that goes astray."""
    assert not isinstance(bench.arm, TurnedArm)
    return replace(bench, arm=TurnedArm(bench.arm, degrees))


def test_commands_are_turned_and_nothing_else(bench: Bench) -> None:
    """Clockwise for a positive angle; height stays, and the way back is exact."""
    set_up(bench, CameraPlacement())
    arm = turned(bench, 90.0).arm
    start = arm.state().pose
    delta = np.array([0.04, 0.0, 0.01, 0.0, 0.0, 0.0, 0.0])
    assert arm.execute(delta, start=start).code.ok
    moved = arm.state().pose - start
    assert moved[:3] == pytest.approx([0.0, -0.04, 0.01], abs=1e-4)
    assert moved[:2] @ turn(90.0) == pytest.approx(delta[:2], abs=1e-4)


@pytest.mark.parametrize("degrees", [0.0, 45.0, -45.0])
def test_a_calibration_finds_the_angle(bench: Bench, degrees: float) -> None:
    """With a world model that sees states, whatever the moves."""
    astray = turned(bench, degrees) if degrees else bench
    set_up(astray, CameraPlacement())
    pairs = list(record(astray, planned(40, int(abs(degrees))), None))
    moves = infer_moves(SimulatorWorldModel(), pairs)
    assert solve(*moves.arrays()).angle_deg == pytest.approx(degrees, abs=0.5)
    assert np.linalg.norm(moves.executed, axis=1) == pytest.approx(0.05, abs=1e-3)


def test_pictures_are_taken_after_the_move(bench: Bench) -> None:
    """Each pair's later picture is the next one's earlier."""
    set_up(bench, CameraPlacement())
    first, second = record(bench, planned(2, 0), 64)
    assert (first.after == second.before).all() and (first.before != first.after).any()
    assert first.before.shape == (64, 64, 3)
    assert AREA.contains(second.state[:2])
