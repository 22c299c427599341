"""How many candidates are imagined at once: as many as memory holds, or as the cache likes."""

import torch

from vjepa2_models.ac_predictor import ACPredictor

CPU_BATCH = 16
"""They stay in the cache: the small model on two cores takes a tenth to a fifth longer for 64."""

SHARE = 0.5
"""Of the free memory: what a GPU's allocator loses between blocks has room in the rest."""


def candidates_at_once(
    predictor: ACPredictor,
    context: int,
    horizon: int,
    device: torch.device,
    gradients: bool = False,
) -> int:
    """How many rollouts of `horizon` steps after `context` frames run at once.

    On a CPU always `CPU_BATCH`; on a GPU what fits into `SHARE` of its free memory, what the
    allocator holds without using it included.
    """
    if device.type != "cuda":
        return CPU_BATCH
    free, _ = torch.cuda.mem_get_info(device)
    free += torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    one = bytes_of_one(predictor, context, horizon, gradients)
    return max(1, int(SHARE * free / one))


def bytes_of_one(
    predictor: ACPredictor, context: int, horizon: int, gradients: bool = False
) -> int:
    """Memory that one candidate takes at the worst moment, weights and context left out.

    Counted in arrays of a frame's size (tokens x width) at attention that keeps no scores. Within
    a block up to `PASSING` live at once, besides the keys and values of all frames that it
    attends to. Those of every block stay for the next step (old and new ones, for a moment), or,
    where gradients are wanted, all that the backward pass of every step needs.
    """
    depth, weights = len(predictor.predictor_blocks), predictor.predictor_proj.weight
    frames = context + horizon - 1
    arrays = PASSING + 2 * frames
    if gradients:
        arrays += depth * sum(SAVED + 2 * attended for attended in range(context, frames + 1))
    elif horizon > 1:
        arrays += depth * 4 * (frames - 1)
    return arrays * (predictor.grid**2 + 3) * weights.shape[1] * weights.element_size()


PASSING = 20
SAVED = 10
"""Arrays of one block, counted at the released sizes; see the test."""
