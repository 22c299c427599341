"""The one transformer block that encoder and both predictors share."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vjepa2_models.rotary import RotaryTable, rotate

NORM_EPS = 1e-6

KeysAndValues = tuple[Tensor, Tensor]
"""Rotated keys and values of tokens that later ones look at, each [B, heads, P, head_dim]."""


class Attention(nn.Module):
    """Multi-head self-attention over tokens that carry rotary positions."""

    def __init__(self, dim: int, num_heads: int) -> None:
        super().__init__()
        if dim % num_heads:
            raise ValueError(f"embed_dim {dim} is not a multiple of num_heads {num_heads}")
        self.num_heads = num_heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x: Tensor, table: RotaryTable, mask: Tensor | None) -> Tensor:
        return self.attend(x, table, mask, None)[0]

    def attend(
        self, x: Tensor, table: RotaryTable, mask: Tensor | None, past: KeysAndValues | None
    ) -> tuple[Tensor, KeysAndValues]:
        """As `forward`, after tokens of the `past`; also the keys and values of all so far."""
        qkv = self.qkv(x).unflatten(-1, (3, self.num_heads, -1))
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        q, k = rotate(q, table).to(v.dtype), rotate(k, table).to(v.dtype)
        if past is not None:
            k, v = (
                torch.cat((before.expand(len(x), -1, -1, -1), now), dim=2)
                for before, now in zip(past, (k, v), strict=True)
            )
        x = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        out: Tensor = self.proj(x.transpose(1, 2).flatten(2))
        return out, (k, v)


class MLP(nn.Module):
    """Two layers with a GELU between them."""

    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(dim, hidden)
        self.fc2 = nn.Linear(hidden, dim)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.fc2(F.gelu(self.fc1(x)))
        return out


class Block(nn.Module):
    """Pre-norm transformer block.

    `forward(x [B, N, D], table, mask)`: `mask` is boolean [N, N], true where a token may look;
    None lets every token look at every other.
    """

    def __init__(self, dim: int, num_heads: int, mlp_ratio: float = 4.0) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, eps=NORM_EPS)
        self.attn = Attention(dim, num_heads)
        self.norm2 = nn.LayerNorm(dim, eps=NORM_EPS)
        self.mlp = MLP(dim, int(dim * mlp_ratio))

    def forward(self, x: Tensor, table: RotaryTable, mask: Tensor | None = None) -> Tensor:
        return self.advance(x, table, mask, None)[0]

    def advance(
        self, x: Tensor, table: RotaryTable, mask: Tensor | None, past: KeysAndValues | None
    ) -> tuple[Tensor, KeysAndValues]:
        """As `forward`, after P tokens of the `past`: `mask` is [N, P + N].

        Also the keys and values of all P + N tokens.
        """
        attended, keys_and_values = self.attn.attend(self.norm1(x), table, mask, past)
        x = x + attended
        out: Tensor = x + self.mlp(self.norm2(x))
        return out, keys_and_values


def initialise(module: nn.Module, blocks: nn.ModuleList) -> None:
    """The official initialisation: normal of 0.02, residual branches scaled down with depth."""
    for layer in module.modules():
        if isinstance(layer, nn.Linear | nn.Conv3d):
            nn.init.trunc_normal_(layer.weight, std=0.02)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    with torch.no_grad():
        for depth, block in enumerate(blocks, start=1):
            assert isinstance(block, Block)
            block.attn.proj.weight /= math.sqrt(2.0 * depth)
            block.mlp.fc2.weight /= math.sqrt(2.0 * depth)


def normalise(features: Tensor) -> Tensor:
    """Layer norm without parameters (eps 1e-5), as after the encoder and every prediction."""
    return F.layer_norm(features, features.shape[-1:])
