"""Pose algebra of the 7-number robot state, vectorised, on whatever device and dtype it is given.

State: x y z [m, robot base frame], extrinsic xyz Euler angles [rad], gripper closedness in [0, 1].
Action: the change between two states. Translation is added in the base frame, the rotation
``dR = R1 R0^T`` is applied on the left, closedness is added and clipped to [0, 1].
Source: V-JEPA 2 (arXiv 2506.09985), section 3.1 and its released planning code.
"""

import torch
from torch import Tensor


def euler_to_matrix(angles: Tensor) -> Tensor:
    """Rotation matrices [..., 3, 3] of extrinsic xyz Euler angles [..., 3] in radians."""
    sx, sy, sz = torch.sin(angles).unbind(-1)
    cx, cy, cz = torch.cos(angles).unbind(-1)
    rows = (
        (cz * cy, cz * sy * sx - sz * cx, cz * sy * cx + sz * sx),
        (sz * cy, sz * sy * sx + cz * cx, sz * sy * cx - cz * sx),
        (-sy, cy * sx, cy * cx),
    )
    return torch.stack([torch.stack(row, dim=-1) for row in rows], dim=-2)


def matrix_to_euler(matrix: Tensor) -> Tensor:
    """Extrinsic xyz Euler angles [..., 3] of rotation matrices [..., 3, 3].

    x and z lie in [-pi, pi], y in [-pi/2, pi/2]. At gimbal lock x and z are not unique; z is then
    found from the rotation that x leaves over, so the angles always give the rotation back.
    """
    r = matrix
    x = torch.atan2(r[..., 2, 1], r[..., 2, 2])
    y = torch.atan2(-r[..., 2, 0], torch.hypot(r[..., 0, 0], r[..., 1, 0]))
    # R Rx(-x) = Rz Ry: its middle column (-sin z, cos z, 0) never shrinks, unlike R[:2, 0].
    middle = torch.cos(x)[..., None] * r[..., :, 1] - torch.sin(x)[..., None] * r[..., :, 2]
    z = torch.atan2(-middle[..., 0], middle[..., 1])
    return torch.stack((x, y, z), dim=-1)


def apply_action(poses: Tensor, actions: Tensor) -> Tensor:
    """The states [..., 7] reached from ``poses`` [..., 7] by ``actions`` [..., 7] (broadcast)."""
    rotation = _product(euler_to_matrix(actions[..., 3:6]), euler_to_matrix(poses[..., 3:6]))
    position = poses[..., :3] + actions[..., :3]
    closedness = (poses[..., 6:] + actions[..., 6:]).clamp(0.0, 1.0)
    return torch.cat((position, matrix_to_euler(rotation), closedness), dim=-1)


def action_between(start: Tensor, end: Tensor) -> Tensor:
    """The action [..., 7] that leads from state ``start`` [..., 7] to state ``end`` [..., 7]."""
    rotation = _product(
        euler_to_matrix(end[..., 3:6]), euler_to_matrix(start[..., 3:6]).transpose(-1, -2)
    )
    change = end - start
    return torch.cat((change[..., :3], matrix_to_euler(rotation), change[..., 6:]), dim=-1)


def actions_from_states(states: Tensor) -> Tensor:
    """The actions [..., T-1, 7] between consecutive states [..., T, 7]."""
    return action_between(states[..., :-1, :], states[..., 1:, :])


def _product(left: Tensor, right: Tensor) -> Tensor:
    # Not ``@``: autocast and TF32 would round a matmul to 8 or 10 bits of mantissa.
    return (left.unsqueeze(-1) * right.unsqueeze(-3)).sum(dim=-2)
