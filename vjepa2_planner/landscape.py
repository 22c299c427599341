"""The energy over a grid of actions (figure 9 of the paper): what the planner has to descend."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from vjepa2_planner.world_model import WorldModel

AXES = "xyz"
STANDING_STILL = (0.0,) * 7
COARSE_M = 0.025
"""Spacing at which the whole box is searched before the refinement; the energy is smoother."""

Shown = Callable[[Sequence[Any]], Iterable[Any]]
"""Goes through a sequence and shows how far it is: `rich.progress.track` or `iter`."""


class NoFiniteEnergyError(ValueError):
    """Not one of the actions that were tried has a finite energy."""


@dataclass(frozen=True, eq=False)
class Minimum:
    """The action [7] of least energy among those that were tried."""

    action: Tensor
    energy: float

    def distance_m(self, action: Tensor, axes: str = AXES) -> float:
        """How far its translation is from that of ``action`` [7], along ``axes`` alone."""
        columns = [AXES.index(axis) for axis in axes]
        return float(torch.linalg.vector_norm((self.action - action)[columns]))


@dataclass(frozen=True, eq=False)
class Landscape:
    """Energies [K, K] of the actions that move by ``offsets`` [K] m along each axis of ``plane``.

    The first index belongs to the first axis. The other components are those of ``held`` [7].
    """

    plane: str
    offsets: Tensor
    energies: Tensor
    held: Tensor

    @property
    def actions(self) -> Tensor:
        """The action [K, K, 7] that each energy belongs to."""
        return _plane_of_actions(self.plane, self.offsets, self.held)

    @property
    def minimum(self) -> Minimum:
        """The lowest point of the grid."""
        return _lowest(self.actions.flatten(0, 1), self.energies.flatten())


@dataclass(frozen=True, eq=False)
class Question:
    """Which action leads from here to the goal?

    context, goal: latents of one frame each. state: the arm's [7] in the first, on the CPU.
    """

    world_model: WorldModel[Any]
    context: Any
    state: Tensor
    goal: Any

    def __post_init__(self) -> None:
        if tuple(self.state.shape) != (7,) or not self.state.isfinite().all():
            raise ValueError(f"a state is 7 finite numbers, not {self.state.tolist()}")

    def energies(self, actions: Tensor) -> Tensor:
        """Energy [S] on the CPU after each of the single actions [S, 7] (equation 5)."""
        device = self.world_model.device
        states = self.state[None].to(device, torch.float32)
        actions = actions[:, None].to(device)
        return self.world_model.energies(self.context, states, self.goal, actions).cpu()


def plane_landscape(
    question: Question,
    plane: str = "xy",
    *,
    radius: float = 0.075,
    step: float = 0.005,
    held: Sequence[float] | Tensor = STANDING_STILL,
    shown: Shown = iter,
) -> Landscape:
    """The landscape over ``plane`` ("xy", "xz", "yz"), +-``radius`` m in steps of ``step`` m.

    ``held`` [7]: the action's other components; the paper holds them at 0.
    """
    if plane not in ("xy", "xz", "yz"):
        raise ValueError(f"no plane called {plane!r}; there are xy, xz and yz")
    offsets, held = _offsets(radius, step), torch.as_tensor(held, dtype=torch.float32)
    rows = _plane_of_actions(plane, offsets, held)
    energies = torch.stack([question.energies(row) for row in shown(list(rows))])
    return Landscape(plane, offsets, energies, held)


def lowest_translation(
    question: Question,
    *,
    axes: str = AXES,
    radius: float = 0.075,
    resolution: float = 0.0025,
    held: Sequence[float] | Tensor = STANDING_STILL,
    shown: Shown = iter,
) -> Minimum:
    """The translation along ``axes`` of least energy, each within +-``radius``, to ``resolution``.

    A coarse grid over all of it, then finer ones around the best so far, each reaching one spacing
    of the grid before it. axes: two or three of x, y, z; what they leave is that of ``held`` [7].
    Lengths in m. Raises :class:`NoFiniteEnergyError`.
    """
    held = torch.as_tensor(held, dtype=torch.float32)
    columns = [AXES.index(axis) for axis in axes]
    offsets = _offsets(radius, min(COARSE_M, radius))
    layers = _grid(offsets, columns).split(len(offsets) ** 2)
    lowest = _lowest_of((_translations(layer, held, columns) for layer in shown(layers)), question)
    spacing = float(offsets[1] - offsets[0])
    while spacing > resolution:
        spacing /= 2
        finer = lowest.action[columns] + _grid(spacing * torch.arange(-2.0, 3.0), columns)
        inside = finer.clamp(-radius, radius)
        lowest = _lowest_of([_translations(inside, held, columns)], question)
    return lowest


def _offsets(radius: float, step: float) -> Tensor:
    """Evenly from -radius to radius with 0 among them, no further apart than ``step``."""
    if not (0 < step <= radius):
        raise ValueError(f"a grid needs 0 < step <= radius, not step {step} and radius {radius}")
    half = math.ceil(radius / step - 1e-6)
    return radius * torch.arange(-half, half + 1) / half


def _plane_of_actions(plane: str, offsets: Tensor, held: Tensor) -> Tensor:
    first, second = (AXES.index(axis) for axis in plane)
    actions = held.repeat(len(offsets), len(offsets), 1)
    actions[..., first] = offsets[:, None]
    actions[..., second] = offsets[None, :]
    return actions


def _grid(offsets: Tensor, columns: Sequence[int]) -> Tensor:
    return torch.cartesian_prod(*(offsets for _ in columns))


def _translations(translations: Tensor, held: Tensor, columns: Sequence[int]) -> Tensor:
    actions = held.repeat(len(translations), 1)
    actions[:, list(columns)] = translations
    return actions


def _lowest_of(batches: Iterable[Tensor], question: Question) -> Minimum:
    actions, energies = zip(*((batch, question.energies(batch)) for batch in batches), strict=True)
    return _lowest(torch.cat(actions), torch.cat(energies))


def _lowest(actions: Tensor, energies: Tensor) -> Minimum:
    if not energies.isfinite().any():
        raise NoFiniteEnergyError(
            "no action has a finite energy; check the images and the checkpoint"
        )
    index = int(torch.where(energies.isfinite(), energies, torch.inf).argmin())
    return Minimum(actions[index], float(energies[index]))
