"""Pose algebra against scipy and the official code."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation
from torch import Tensor

from vjepa2_poses import (
    action_between,
    actions_from_states,
    apply_action,
    euler_to_matrix,
    matrix_to_euler,
)

angle = st.floats(-4.0, 4.0)
angles = st.tuples(angle, angle, angle)


def angle_apart(left: Tensor, right: Tensor) -> float:
    """Largest angle between two sets of orientations [..., 3], by scipy."""
    a, b = (Rotation.from_euler("xyz", x.double().reshape(-1, 3).numpy()) for x in (left, right))
    return float((a * b.inv()).magnitude().max())


def assert_same_states(given: Tensor, expected: Tensor) -> None:
    """Positions, closedness, and angles as rotations; angles as numbers off the wrap."""
    flat, reference = given.reshape(-1, 7), expected.reshape(-1, 7)
    assert angle_apart(flat[:, 3:6], reference[:, 3:6]) < 1e-4
    torch.testing.assert_close(
        flat[:, [0, 1, 2, 6]].double(), reference[:, [0, 1, 2, 6]].double(), atol=1e-4, rtol=0
    )
    clear = (reference[:, 3:6].abs() < np.pi - 1e-3).all(-1)
    assert clear.sum() > len(clear) / 4
    torch.testing.assert_close(
        flat[clear, 3:6].double(), reference[clear, 3:6].double(), atol=1e-4, rtol=0
    )


@settings(max_examples=200, deadline=None)
@given(angles)
def test_matrix_agrees_with_scipy(xyz: tuple[float, float, float]) -> None:
    """The matrix of Euler angles is scipy's, inside and outside the principal range."""
    ours = euler_to_matrix(torch.tensor(xyz, dtype=torch.float64)).numpy()
    np.testing.assert_allclose(ours, Rotation.from_euler("xyz", xyz).as_matrix(), atol=1e-12)


@settings(max_examples=200, deadline=None)
@given(angles)
def test_angles_agree_with_scipy(xyz: tuple[float, float, float]) -> None:
    """Angles come back in scipy's range; equal to its own where they are unique."""
    rotation = Rotation.from_euler("xyz", xyz)
    ours = matrix_to_euler(torch.from_numpy(rotation.as_matrix())).numpy()
    assert (Rotation.from_euler("xyz", ours) * rotation.inv()).magnitude() < 1e-7
    assert abs(ours[1]) <= np.pi / 2
    if abs(np.cos(xyz[1])) > 1e-3:
        theirs = rotation.as_euler("xyz")
        np.testing.assert_allclose(np.cos(ours - theirs), 1.0, atol=1e-9)


@pytest.mark.parametrize("offset", [0.0, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3])
@pytest.mark.parametrize("sign", [-1.0, 1.0])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_orientation_survives_gimbal_lock(offset: float, sign: float, dtype: torch.dtype) -> None:
    """Near a pitch of +-90 degrees the angles still give the rotation back."""
    generator = np.random.default_rng(7)
    xyz = generator.uniform(-np.pi, np.pi, (256, 3))
    xyz[:, 1] = sign * (np.pi / 2 - offset)
    rotation = Rotation.from_euler("xyz", xyz)
    ours = matrix_to_euler(torch.from_numpy(rotation.as_matrix()).to(dtype))
    assert ours.isfinite().all()
    tolerance = 2e-6 if dtype is torch.float32 else 1e-7
    error = (Rotation.from_euler("xyz", ours.double().numpy()) * rotation.inv()).magnitude()
    assert error.max() < tolerance


def test_roll_wraps_around() -> None:
    """A gripper that points down and turns past pi stays the same orientation, within +-pi."""
    pose = torch.tensor([0.4, 0.0, 0.3, np.pi - 0.01, 0.0, 0.0, 0.0])
    turned = apply_action(pose, torch.tensor([0.0, 0.0, 0.0, 0.02, 0.0, 0.0, 0.0]))
    torch.testing.assert_close(turned[3], torch.tensor(-np.pi + 0.01, dtype=torch.float32))
    back = action_between(turned, pose)
    torch.testing.assert_close(back[3], torch.tensor(-0.02), atol=1e-5, rtol=0)


def test_agrees_with_official_poses(golden: dict[str, Tensor]) -> None:
    """Propagated poses and pose differences are those of the official code."""
    before, action = golden["pose_before"], golden["pose_action"]
    assert_same_states(apply_action(before, action), golden["pose_after"])
    difference = action_between(before, golden["pose_after"])
    assert_same_states(difference, golden["pose_diff"])
    assert_same_states(actions_from_states(golden["states"]), golden["actions_from_states"])


def test_closedness_is_clipped() -> None:
    """Closedness never leaves [0, 1]."""
    poses = torch.zeros(2, 7)
    poses[:, 6] = 0.5
    actions = torch.zeros(2, 7)
    actions[:, 6] = torch.tensor([0.75, -0.75])
    assert apply_action(poses, actions)[:, 6].tolist() == [1.0, 0.0]


def test_broadcasts_and_keeps_dtype() -> None:
    """One pose under many actions, in the dtype given."""
    actions = torch.zeros(5, 3, 7, dtype=torch.float64)
    after = apply_action(torch.zeros(7, dtype=torch.float64), actions)
    assert after.shape == (5, 3, 7)
    assert after.dtype == torch.float64


def test_autocast_does_not_round_poses() -> None:
    """Under bfloat16 autocast the algebra keeps its precision."""
    poses = torch.randn(64, 7, generator=torch.Generator().manual_seed(3))
    exact = apply_action(poses, poses.flip(0))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(apply_action(poses, poses.flip(0)), exact)
