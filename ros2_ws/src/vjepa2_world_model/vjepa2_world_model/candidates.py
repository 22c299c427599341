"""States and candidate actions: what is refused before the model sees it."""

from __future__ import annotations

from torch import Tensor

from vjepa2_msgs.msg import WorldModelCode
from vjepa2_msgs.srv import EvaluateActions
from vjepa2_world_model import wire
from vjepa2_world_model.access import WorldModelError

MAX_NUMBERS = 1_000_000
"""Of all candidates together: 4 MB, 178 times the paper's 800 candidates of one action."""


def read_candidates(request: EvaluateActions.Request) -> tuple[Tensor, Tensor]:
    """States [T,7] and actions [S,H,7] of a request.

    Raises WorldModelError with BAD_REQUEST where the lengths do not fit.
    """
    if request.horizon < 1:
        raise _refusal("horizon must be at least 1 action")
    if len(request.states) % 7:
        raise _refusal(f"states must be T * 7 numbers, not {len(request.states)}")
    if len(request.actions) % (request.horizon * 7):
        raise _refusal(
            f"actions must be S * horizon * 7 numbers, and {len(request.actions)} are no multiple "
            f"of {request.horizon} * 7"
        )
    states = wire.to_tensor(request.states, (-1, 7))
    return states, wire.to_tensor(request.actions, (-1, request.horizon, 7))


def check_candidates(frames: int, states: Tensor, actions: Tensor) -> None:
    """Refuses what does not fit a context of `frames` frames, is not finite, or is too much.

    Raises WorldModelError with BAD_REQUEST.
    """
    if states.shape != (frames, 7):
        raise _refusal(f"states must be {[frames, 7]} for this context, not {list(states.shape)}")
    if actions.ndim != 3 or actions.shape[2] != 7 or not actions.numel():
        raise _refusal(f"actions must be [S, H, 7] and not empty, not {list(actions.shape)}")
    if actions.numel() > MAX_NUMBERS:
        raise _refusal(
            f"{actions.shape[0]} candidates of {actions.shape[1]} actions are "
            f"{actions.numel()} numbers, more than {MAX_NUMBERS}: send them in parts"
        )
    if not states.isfinite().all():
        raise _refusal(f"states are not finite: {states.tolist()}")
    if not actions.isfinite().all():
        rows = (~actions.isfinite()).any(dim=2).any(dim=1).nonzero().flatten().tolist()
        raise _refusal(f"actions are not finite in {len(rows)} candidates, first in {rows[0]}")


def _refusal(message: str) -> WorldModelError:
    return WorldModelError(WorldModelCode.BAD_REQUEST, message)
