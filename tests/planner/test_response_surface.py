"""The quadratic that is fitted, and where it is lowest."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from vjepa2_planner.gradient_descent import GradientDescent
from vjepa2_planner.response_surface import ResponseSurface, descended, fitted_quadratic

seeds = st.integers(0, 10_000)


def _bowl(seed: int, dim: int) -> tuple[Tensor, Tensor]:
    """Minimum [D] within a unit box, and a positive definite curvature [D, D]."""
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(dim, dim))
    curvature = root @ root.T / dim + 0.5 * np.eye(dim)
    return torch.from_numpy(rng.uniform(-0.8, 0.8, dim)).float(), torch.from_numpy(
        curvature
    ).float()


def _heights(points: Tensor, minimum: Tensor, curvature: Tensor) -> Tensor:
    away = points - minimum
    return 0.5 * ((away @ curvature) * away).sum(dim=1)


@given(seed=seeds)
def test_a_quadratic_is_recovered(seed: int) -> None:
    """Through points of a true quadratic the fit foretells others, but for the ridge."""
    minimum, curvature = _bowl(seed, 4)
    rng = np.random.default_rng(seed)
    points, others = torch.from_numpy(rng.uniform(-1, 1, (2, 40, 4))).float()
    heights = _heights(points, minimum, curvature)
    order = heights.argsort()
    points, heights = points[order], heights[order]
    slope, fitted = fitted_quadratic(points, heights + 3.0)
    predicted = others @ slope + 0.5 * ((others @ fitted) * others).sum(dim=1)
    true = _heights(others, minimum, curvature)
    assert np.corrcoef(predicted, true)[0, 1] > 0.95


@given(seed=seeds)
def test_what_is_not_finite_counts_nothing(seed: int) -> None:
    """Candidates without an energy leave the fit as it is without them."""
    minimum, curvature = _bowl(seed, 3)
    points = torch.from_numpy(np.random.default_rng(seed).uniform(-1, 1, (30, 3))).float()
    heights = _heights(points, minimum, curvature)
    heights[20:] = torch.inf
    order = heights.argsort(stable=True)
    slope, fitted = fitted_quadratic(points[order], heights[order])
    assert slope.isfinite().all()
    assert fitted.isfinite().all()
    elsewhere = points[order].clone()
    elsewhere[20:] = 5.0
    again, curved = fitted_quadratic(elsewhere, heights[order])
    torch.testing.assert_close(again, slope)
    torch.testing.assert_close(curved, fitted)


@given(seed=seeds)
def test_a_minimum_is_looked_for_within_the_box(seed: int) -> None:
    """Also on a saddle, which has none, and never above where it began."""
    rng = np.random.default_rng(seed)
    slope = torch.from_numpy(rng.normal(size=4)).float()
    root = torch.from_numpy(rng.normal(size=(4, 4))).float()
    curvature = root + root.T
    starts = torch.from_numpy(rng.uniform(-1, 1, (5, 4))).float()
    lower, upper = starts.amin(dim=0), starts.amax(dim=0)
    lowest = descended(slope, curvature, starts, lower, upper)
    assert (lowest >= lower).all()
    assert (lowest <= upper).all()

    def height(points: Tensor) -> Tensor:
        return points @ slope + 0.5 * ((points @ curvature) * points).sum(dim=1)

    assert float(height(lowest[None])) <= float(height(starts).min()) + 1e-4


@pytest.mark.parametrize(("decay", "counts"), [(1.0, [40, 18, 18]), (1.5, [40, 18, 12])])
def test_samples_of_each_refinement(decay: float, counts: list[int]) -> None:
    """Many at first, then ever fewer."""
    surface = ResponseSurface(first_samples=40, samples=18, refinements=3, elites=6, decay=decay)
    assert [surface.count(k) for k in range(3)] == counts


def test_descents_are_among_the_refinements() -> None:
    """The number of refinements is that of all of them."""
    surface = ResponseSurface(
        first_samples=8,
        samples=4,
        refinements=5,
        elites=3,
        descent=GradientDescent(starts=1, refinements=2),
    )
    assert surface.refinements == 5
