"""Which weights decay: matrices do, biases and norms don't, as in the official training."""

from typing import Any

from torch import nn


def decayed(weight_decay: float, *modules: nn.Module) -> list[dict[str, Any]]:
    """Parameter groups for AdamW, of all weights that require gradients."""
    parameters = [p for module in modules for p in module.parameters() if p.requires_grad]
    return [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
