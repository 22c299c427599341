"""The energy landscape of a world whose energies are known: distances from the goal."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from vjepa2_planner.landscape import Question, lowest_translation, plane_landscape
from vjepa2_poses import apply_action

COMPONENT = st.floats(-0.07, 0.07)


class DistanceModel:
    """Latent = state [1, 7]; energy = distance to the goal, infinite beyond an x."""

    device = torch.device("cpu")

    def __init__(self, blind_beyond: float = torch.inf) -> None:
        self.blind_beyond = blind_beyond
        self.tried: list[Tensor] = []

    def encode(self, frames: Tensor) -> Tensor:
        return frames

    def energies(self, context: Tensor, states: Tensor, goal: Tensor, actions: Tensor) -> Tensor:
        self.tried += list(actions[:, 0])
        ends = apply_action(states[-1], actions[:, 0])
        distance = torch.linalg.vector_norm((ends - goal)[:, :3], dim=-1)
        return distance.masked_fill(ends[:, 0] > self.blind_beyond, torch.inf)

    def distance(self, latent: Tensor, goal: Tensor) -> float:
        return float(torch.linalg.vector_norm((latent - goal)[-1, :3]))


def ask(start: Tensor, action: list[float], model: DistanceModel | None = None) -> Question:
    """The question whose answer is a translation."""
    goal = apply_action(start, torch.tensor([*action, 0.0, 0.0, 0.0, 0.0]))
    return Question(model or DistanceModel(), start, start[0], goal)


@given(action=st.tuples(COMPONENT, COMPONENT, COMPONENT))
def test_search_finds_the_true_action(action: tuple[float, float, float]) -> None:
    """Anywhere in the cube, to about half the resolution along each axis."""
    start = torch.tensor([[0.5, 0.0, 0.3, 3.1, 0.0, 0.0, 0.0]])
    found = lowest_translation(ask(start, list(action)), resolution=0.002)
    true = torch.tensor([*action, 0.0, 0.0, 0.0, 0.0])
    assert found.distance_m(true) < 0.002
    assert found.energy == pytest.approx(found.distance_m(true), abs=1e-6)


def test_search_stays_in_the_cube(start: Tensor) -> None:
    """A goal beyond it gives the nearest face, and nothing outside is tried."""
    model = DistanceModel()
    found = lowest_translation(ask(start, [0.2, 0.0, 0.0], model), radius=0.05)
    assert found.action[0] == pytest.approx(0.05)
    assert torch.stack(model.tried).abs().max() <= 0.05 + 1e-6


@pytest.mark.parametrize("plane", ["xy", "xz", "yz"])
def test_plane_has_its_axes(start: Tensor, plane: str) -> None:
    """Each energy belongs to the action with its offsets; 0 and both ends are on the grid."""
    true = [0.02, -0.03, 0.05]
    landscape = plane_landscape(ask(start, true), plane, radius=0.06, step=0.01)
    assert landscape.energies.shape == (13, 13)
    assert landscape.offsets[[0, 6, 12]].tolist() == pytest.approx([-0.06, 0.0, 0.06])
    expected = [true["xyz".index(axis)] for axis in plane]
    action = landscape.minimum.action
    assert [action["xyz".index(axis)] for axis in plane] == pytest.approx(expected, abs=1e-6)
    assert landscape.minimum.distance_m(torch.tensor([*true, 0, 0, 0, 0]), plane) < 1e-6
    out_of_plane = next(i for i, axis in enumerate("xyz") if axis not in plane)
    assert action[out_of_plane] == 0.0


def test_other_components_are_held(start: Tensor) -> None:
    """Rotation and gripper of every action tried, and the third axis of a plane."""
    held = torch.tensor([0.0, 0.0, 0.04, 0.1, 0.2, 0.3, 0.5])
    model = DistanceModel()
    question = ask(start, [0.0, 0.0, 0.04], model)
    landscape = plane_landscape(question, "xy", radius=0.02, step=0.01, held=held)
    assert landscape.minimum.energy == pytest.approx(0.0, abs=1e-6)
    lowest_translation(question, radius=0.05, held=held)
    assert torch.equal(torch.stack(model.tried)[:, 3:], held[3:].expand(len(model.tried), 4))


def test_infinite_energies_are_never_the_minimum(start: Tensor) -> None:
    """Half of the cube blind: the search takes the other half; all of it blind is an error."""
    x = float(start[0, 0])
    found = lowest_translation(ask(start, [0.05, 0.0, 0.0], DistanceModel(blind_beyond=x)))
    assert found.action[0] <= 0.0
    with pytest.raises(ValueError, match="no action has a finite energy"):
        lowest_translation(ask(start, [0.05, 0.0, 0.0], DistanceModel(blind_beyond=0.0)))


def test_progress_is_shown_through(start: Tensor) -> None:
    """`shown` sees every row of the plane."""
    seen: list[int] = []

    def shown(rows: list[Tensor]) -> list[Tensor]:
        seen.append(len(rows))
        return rows

    plane_landscape(ask(start, [0.0] * 3), radius=0.02, step=0.01, shown=shown)
    assert seen == [5]


def test_bad_questions_are_named(start: Tensor) -> None:
    """A state of NaN or of another length, an unknown plane, a grid without points."""
    question = ask(start, [0.0, 0.0, 0.0])
    with pytest.raises(ValueError, match="7 finite numbers"):
        Question(DistanceModel(), start, start[0] * torch.nan, start)
    with pytest.raises(ValueError, match="7 finite numbers"):
        Question(DistanceModel(), start, start[0, :6], start)
    with pytest.raises(ValueError, match="no plane called 'xw'"):
        plane_landscape(question, "xw")
    with pytest.raises(ValueError, match="0 < step <= radius"):
        plane_landscape(question, step=0.0)


def test_a_small_cube_is_searched_too(start: Tensor) -> None:
    """Smaller than the first grid's spacing."""
    found = lowest_translation(ask(start, [0.01, 0.0, -0.005]), radius=0.015)
    assert found.distance_m(torch.tensor([0.01, 0.0, -0.005, 0.0, 0.0, 0.0, 0.0])) < 0.0025
