"""Three-dimensional rotary positions (paper, section 2.1): frame, row and column."""

from functools import lru_cache

import torch
from torch import Tensor

RotaryTable = tuple[Tensor, Tensor]
"""Cosines, and sines whose first of each pair is negative; each [..., N, head_dim]."""


def patch_positions(frames: int, rows: int, columns: int, device: torch.device) -> Tensor:
    """Positions [frames * rows * columns, 3] in the order in which patches are flattened."""
    axes = [torch.arange(n, device=device) for n in (frames, rows, columns)]
    return torch.cartesian_prod(*axes)


def rotary_table(positions: Tensor, head_dim: int, dtype: torch.dtype) -> RotaryTable:
    """Cosines and sines for tokens at `positions` [..., N, 3] (frame, row, column).

    Each axis has a third of the head (rounded down to an even number); what is left over, and
    every axis at position 0, is not rotated. The released weights were trained with the
    frequencies tiled as (f1 .. fn, f1 .. fn) over neighbouring pairs; that is kept here.
    """
    width = 2 * ((head_dim // 3) // 2)
    exponents = torch.arange(width // 2, device=positions.device, dtype=torch.float32)
    frequencies = 10000.0 ** (-exponents / (width / 2))
    angles = positions.float().unsqueeze(-1) * frequencies
    angles = torch.cat([angles, angles], dim=-1).flatten(-2)
    angles = torch.nn.functional.pad(angles, (0, head_dim - 3 * width))
    # A pair (a, b) turns into (a cos - b sin, b cos + a sin): with the sign in the table, nothing
    # is negated at every layer.
    sines = angles.sin()
    sines[..., 0::2] *= -1
    return angles.cos().to(dtype), sines.to(dtype)


@lru_cache(maxsize=64)
def frame_table(
    first: int,
    frames: int,
    grid: int,
    conditions: int,
    head_dim: int,
    dtype: torch.dtype,
    device: torch.device,
) -> RotaryTable:
    """Cosines and sines of whole frames from number `first` on, each with its condition tokens.

    Patches have all three positions; conditions, which come first, have the frame's alone.
    Computed once: a plan asks for the same few tables hundreds of times.
    """
    with torch.inference_mode(False):  # or no gradient could pass through it later
        patches = patch_positions(frames, grid, grid, device).unflatten(0, (frames, -1))
        condition = patches.new_zeros(frames, conditions, 3)
        condition[..., 0] = torch.arange(frames, device=device).unsqueeze(1)
        positions = torch.cat([condition, patches], dim=1).flatten(0, 1)
        positions[:, 0] += first
        return rotary_table(positions, head_dim, dtype)


def rotate(x: Tensor, table: RotaryTable) -> Tensor:
    """Turns queries or keys [B, heads, N, head_dim] by a table broadcast over batch and heads."""
    cosines, sines = table
    even, odd = x.unflatten(-1, (-1, 2)).unbind(-1)
    swapped = torch.stack((odd, even), dim=-1).flatten(-2)
    return torch.addcmul(x * cosines, swapped, sines)
