"""Projections: inside stays, the result is inside, nearest, idempotent."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize

from vjepa2_planner.constraints import Box, Constraint, L1Ball, at_bound, project_on_l1_ball

coordinate = st.floats(-3.0, 3.0, width=32)
action = st.lists(coordinate, min_size=7, max_size=7)
batch = st.lists(action, min_size=1, max_size=6)
radii = st.floats(0.01, 2.0)
CONSTRAINTS: list[type[Box] | type[L1Ball]] = [Box, L1Ball]


def as_actions(values: list[list[float]]) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def size(constraint: Constraint, xyz: torch.Tensor) -> torch.Tensor:
    """What the constraint bounds: the largest axis, or the sum of all."""
    return xyz.abs().amax(-1) if isinstance(constraint, Box) else xyz.abs().sum(-1)


@pytest.mark.parametrize("kind", CONSTRAINTS)
@settings(max_examples=100, deadline=None)
@given(batch, radii)
def test_result_is_inside(
    kind: type[Box] | type[L1Ball], values: list[list[float]], radius: float
) -> None:
    """Translation within the radius, no rotation, gripper within +-0.75."""
    constraint = kind(radius)
    projected = constraint.project(as_actions(values))
    assert (size(constraint, projected[:, :3]) <= radius * (1 + 1e-9)).all()
    assert (projected[:, 3:6] == 0).all()
    assert (projected[:, 6].abs() <= 0.75).all()


@pytest.mark.parametrize("kind", CONSTRAINTS)
@settings(max_examples=100, deadline=None)
@given(batch, radii)
def test_is_idempotent(
    kind: type[Box] | type[L1Ball], values: list[list[float]], radius: float
) -> None:
    """Projecting twice is projecting once."""
    once = kind(radius).project(as_actions(values))
    torch.testing.assert_close(kind(radius).project(once), once, atol=1e-12, rtol=0)


@pytest.mark.parametrize("kind", CONSTRAINTS)
@settings(max_examples=100, deadline=None)
@given(action, radii, st.floats(0.0, 0.999))
def test_inside_stays(
    kind: type[Box] | type[L1Ball], values: list[float], radius: float, share: float
) -> None:
    """An allowed action is returned as it is."""
    constraint = kind(radius)
    inside = as_actions([values])
    largest = size(constraint, inside[:, :3])
    inside[:, :3] *= share * radius / torch.maximum(largest, torch.tensor(radius))
    inside[:, 3:6] = 0
    inside[:, 6].clamp_(-0.75, 0.75)
    assert torch.equal(constraint.project(inside), inside)


@settings(max_examples=300, deadline=None)
@given(st.lists(coordinate, min_size=3, max_size=3), radii)
def test_l1_projection_equals_bisection(values: list[float], radius: float) -> None:
    """The sorted solution equals the soft threshold found by root search."""
    v = np.array(values)
    expected = v
    if np.abs(v).sum() > radius:
        threshold = brentq(
            lambda t: np.maximum(np.abs(v) - t, 0).sum() - radius, 0.0, np.abs(v).max(), xtol=1e-14
        )
        expected = np.sign(v) * np.maximum(np.abs(v) - threshold, 0)
    ours = project_on_l1_ball(torch.from_numpy(v), radius).numpy()
    np.testing.assert_allclose(ours, expected, atol=1e-9)


@settings(max_examples=100, deadline=None)
@given(action, st.lists(coordinate, min_size=3, max_size=3), radii)
def test_l1_projection_is_nearest(values: list[float], other: list[float], radius: float) -> None:
    """No other point of the ball makes an acute angle with the residual (convex optimality)."""
    v = as_actions([values])[0, :3]
    nearest = project_on_l1_ball(v, radius)
    rival = torch.tensor(other, dtype=torch.float64)
    rival = rival * radius / max(float(rival.abs().sum()), radius)
    assert float((v - nearest) @ (rival - nearest)) <= 1e-9


def test_l1_projection_is_per_step() -> None:
    """Each step of each sequence is projected by itself."""
    actions = torch.randn(4, 5, 7, generator=torch.Generator().manual_seed(0))
    whole = L1Ball(0.3).project(actions)
    single = torch.stack([L1Ball(0.3).project(a[None])[0] for a in actions.reshape(-1, 7)])
    torch.testing.assert_close(whole.reshape(-1, 7), single)


def test_l1_projection_of_huge_float32_draw_stays_inside() -> None:
    """Rounding never lets a huge draw out of the ball."""
    projected = project_on_l1_ball(torch.tensor([3e8, -1.0, 0.5]), 0.075)
    assert projected.abs().sum() <= 0.0751


@pytest.mark.parametrize("kind", CONSTRAINTS)
@pytest.mark.parametrize("radius", [0.0, -0.1, float("nan"), float("inf")])
def test_bad_radius_is_named(kind: type[Box] | type[L1Ball], radius: float) -> None:
    """A radius that is no length is refused by name."""
    with pytest.raises(ValueError, match=rf"{kind.__name__}\.radius"):
        kind(radius)


@pytest.mark.parametrize("kind", CONSTRAINTS)
@given(st.lists(st.floats(-0.3, 0.3), min_size=7, max_size=7))
def test_an_action_that_was_cut_is_at_the_bound(
    kind: type[Box] | type[L1Ball], values: list[float]
) -> None:
    """Cut to the set, it lies on its bound; well inside, it does not."""
    constraint = kind(0.075)
    action = torch.tensor(values, dtype=torch.float64)
    action[3:6] = 0.0
    cut = constraint.project(action[None])[0]
    if not torch.allclose(cut, action, atol=1e-9):
        assert at_bound(constraint, cut)
    assert not at_bound(constraint, 0.9 * cut)


@settings(max_examples=60, deadline=None)
@given(st.lists(coordinate, min_size=3, max_size=3), radii)
def test_l1_projection_is_the_solution_of_the_quadratic_programme(
    values: list[float], radius: float
) -> None:
    """Nobody is nearer: a general solver, told the definition alone, finds the same point.

    x = p - n with p, n >= 0 and sum(p + n) <= radius makes it a quadratic programme.
    """
    v = np.array(values)

    def distance(parts: np.ndarray) -> tuple[float, np.ndarray]:
        difference = parts[:3] - parts[3:] - v
        return float(difference @ difference), np.concatenate((2 * difference, -2 * difference))

    solution = minimize(
        distance,
        np.full(6, radius / 12),
        jac=True,
        method="SLSQP",
        bounds=[(0, None)] * 6,
        constraints={
            "type": "ineq",
            "fun": lambda parts: radius - parts.sum(),
            "jac": lambda parts: -np.ones(6),
        },
        options={"ftol": 1e-15, "maxiter": 500},
    )
    ours = project_on_l1_ball(torch.from_numpy(v), radius).numpy()
    np.testing.assert_allclose(ours, solution.x[:3] - solution.x[3:], atol=2e-5)


@pytest.mark.parametrize("kind", CONSTRAINTS)
@settings(max_examples=50, deadline=None)
@given(batch, st.sampled_from(["x", "y", "z", "xy", "xz", "yz"]))
def test_masked_axes_do_not_move(
    kind: type[Box] | type[L1Ball], values: list[list[float]], axes: str
) -> None:
    """The others are projected as if the masked ones were not there."""
    actions = as_actions(values)
    projected = kind(0.075, axes=axes).project(actions)
    still = [index for index, axis in enumerate("xyz") if axis not in axes]
    assert (projected[:, still] == 0).all()
    actions[:, still] = 0.0
    torch.testing.assert_close(projected, kind(0.075).project(actions))


@pytest.mark.parametrize("kind", CONSTRAINTS)
@settings(max_examples=50, deadline=None)
@given(batch, st.floats(0.01, 1.0), st.floats(0.0, 1.0))
def test_rotation_and_gripper_have_their_own_limits(
    kind: type[Box] | type[L1Ball], values: list[list[float]], rotation: float, gripper: float
) -> None:
    """Each is clipped by itself; all 7 numbers are planned then."""
    constraint = kind(0.075, gripper, rotation)
    projected = constraint.project(as_actions(values))
    torch.testing.assert_close(
        projected[:, 3:6], as_actions(values)[:, 3:6].clamp(-rotation, rotation)
    )
    torch.testing.assert_close(projected[:, 6], as_actions(values)[:, 6].clamp(-gripper, gripper))
    assert constraint.columns == tuple(range(7))


def test_columns_are_those_that_may_move() -> None:
    """x, y, z and the gripper by default."""
    assert Box().columns == (0, 1, 2, 6)
    assert L1Ball(axes="xz").columns == (0, 2, 6)
