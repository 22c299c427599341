"""The video encoder: a vision transformer over tubelets (paper, section 2.1)."""

import torch
from torch import Tensor, nn

from vjepa2_models.dimensions import Dimensions
from vjepa2_models.rotary import patch_positions, rotary_table
from vjepa2_models.transformer import NORM_EPS, Block, initialise


class PatchEmbed(nn.Module):
    """Cuts a clip [B, 3, T, H, W] into tubelets and embeds each: [B, N, D]."""

    def __init__(self, patch_size: int, tubelet_size: int, dim: int) -> None:
        super().__init__()
        size = (tubelet_size, patch_size, patch_size)
        self.proj = nn.Conv3d(3, dim, kernel_size=size, stride=size)

    def forward(self, clip: Tensor) -> Tensor:
        # Tubelets don't overlap: a matrix product, several times faster than a convolution.
        t, h, w = self.proj.kernel_size
        batch, channels, frames, height, width = clip.shape
        tubelets = clip.reshape(batch, channels, frames // t, t, height // h, h, width // w, w)
        tubelets = tubelets.permute(0, 2, 4, 6, 1, 3, 5, 7).flatten(4).flatten(1, 3)
        return nn.functional.linear(tubelets, self.proj.weight.flatten(1), self.proj.bias)


class Encoder(nn.Module):
    """Vision transformer with 3D rotary positions."""

    def __init__(self, dimensions: Dimensions) -> None:
        super().__init__()
        sizes = dimensions.encoder
        self.dimensions = dimensions
        self.head_dim = sizes.embed_dim // sizes.num_heads
        self.patch_embed = PatchEmbed(
            dimensions.patch_size, dimensions.tubelet_size, sizes.embed_dim
        )
        self.blocks = nn.ModuleList(
            Block(sizes.embed_dim, sizes.num_heads, sizes.mlp_ratio) for _ in range(sizes.depth)
        )
        self.norm = nn.LayerNorm(sizes.embed_dim, eps=NORM_EPS)
        initialise(self, self.blocks)

    def forward(self, clip: Tensor, keep: Tensor | None = None) -> Tensor:
        """Features [B, N, D] of a clip [B, 3, T, H, W], not yet normalised.

        Args:
            clip: ImageNet-normalised frames; T a multiple of the tubelet size.
            keep: indices [B, K] of the tokens to see; the others are dropped before the first
                block, and the features are [B, K, D]. None keeps all.
        """
        tubelet, patch = self.dimensions.tubelet_size, self.dimensions.patch_size
        frames, height, width = clip.shape[2:]
        if frames % tubelet or height % patch or width % patch:
            raise ValueError(
                f"a clip of {frames} frames of {height}x{width} can't be cut into tubelets of "
                f"{tubelet} frames of {patch}x{patch}"
            )
        x = self.patch_embed(clip)
        positions = patch_positions(
            frames // tubelet, height // patch, width // patch, clip.device
        )
        if keep is not None:
            x = torch.gather(x, 1, keep.unsqueeze(-1).expand(-1, -1, x.shape[-1]))
            positions = positions[keep].unsqueeze(1)
        table = rotary_table(positions, self.head_dim, x.dtype)
        for block in self.blocks:
            x = block(x, table)
        out: Tensor = self.norm(x)
        return out
