"""What a planner that descends gradients asks of a world model besides."""

from typing import Any, Protocol, runtime_checkable

from torch import Tensor


@runtime_checkable
class Differentiable(Protocol):
    """A world model whose energies have gradients."""

    def energies_with_gradients(
        self, context: Any, states: Tensor, goal: Any, actions: Tensor, /
    ) -> tuple[Tensor, Tensor]:
        """Energies [S] and their gradients [S, H, 7] by ``actions`` [S, H, 7].

        The other arguments are those of :meth:`WorldModel.energies`. Where an energy is not
        finite it is +inf and its gradient 0.
        """
        ...
