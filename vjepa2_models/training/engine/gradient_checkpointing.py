"""Less memory for more computation: blocks forget their insides until the backward pass."""

from functools import partial

from torch import nn
from torch.utils.checkpoint import checkpoint


def checkpoint_blocks(blocks: nn.ModuleList) -> None:
    """From now on each block keeps its input alone and computes itself again when needed."""
    for block in blocks:
        # Nothing in a block is random, so there is no state of a generator to preserve.
        block.forward = partial(
            checkpoint, block.forward, use_reentrant=False, preserve_rng_state=False
        )
