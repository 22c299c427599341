"""The frame decoder (paper, B.3): from the features of one frame to its pixels, to look at."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vjepa2_models.dimensions import Dimensions, check_sizes
from vjepa2_models.preprocessing import IMAGENET_MEAN, IMAGENET_STD
from vjepa2_models.rotary import patch_positions, rotary_table
from vjepa2_models.transformer import NORM_EPS, Block, initialise


@dataclass(frozen=True)
class FrameDecoderDimensions:
    """A vision transformer with an MLP ratio of 4. B.3 has a ViT-L, which these sizes are."""

    embed_dim: int = 1024
    depth: int = 24
    num_heads: int = 16

    def __post_init__(self) -> None:
        check_sizes(self)


class FrameDecoder(nn.Module):
    """A feed-forward regression: one token a patch in, the pixels of that patch out.

    B.3 gives its size, its training and that it sees one frame at a time. That its inside is that
    of the encoder, rotary positions included, is our choice.
    """

    def __init__(self, sizes: FrameDecoderDimensions, dimensions: Dimensions) -> None:
        """`dimensions`: of the world model whose features are decoded."""
        super().__init__()
        self.sizes, self.dimensions = sizes, dimensions
        self.head_dim = sizes.embed_dim // sizes.num_heads
        self.embed = nn.Linear(dimensions.encoder.embed_dim, sizes.embed_dim)
        self.blocks = nn.ModuleList(
            Block(sizes.embed_dim, sizes.num_heads) for _ in range(sizes.depth)
        )
        self.norm = nn.LayerNorm(sizes.embed_dim, eps=NORM_EPS)
        self.pixels = nn.Linear(sizes.embed_dim, 3 * dimensions.patch_size**2)
        initialise(self, self.blocks)

    def forward(self, features: Tensor) -> Tensor:
        """RGB float32 [B, 3, S, S], 0 to 1 but not clipped to it, of features [B, N, D].

        The features are normalised, as encoder and predictor give them; S is the world model's
        image size.
        """
        grid, patch = self.dimensions.grid, self.dimensions.patch_size
        x = self.embed(features)
        table = rotary_table(patch_positions(1, grid, grid, x.device), self.head_dim, x.dtype)
        for block in self.blocks:
            x = block(x, table)
        patches = self.pixels(self.norm(x)).unflatten(-1, (3, patch, patch))
        patches = patches.unflatten(1, (grid, grid)).permute(0, 3, 1, 4, 2, 5)
        return to_rgb(patches.flatten(4, 5).flatten(2, 3))

    @torch.inference_mode()
    def decode(self, features: Tensor) -> Tensor:
        """Pictures RGB uint8 [B, S, S, 3] on the CPU, of features [B, N, D]."""
        return to_pictures(self(features.to(self.norm.weight.dtype)))


def to_rgb(images: Tensor) -> Tensor:
    """RGB float32 [B, 3, H, W] in 0 to 1 of images that `preprocess` gave: takes back colours."""
    mean = torch.tensor(IMAGENET_MEAN, device=images.device).view(3, 1, 1)
    std = torch.tensor(IMAGENET_STD, device=images.device).view(3, 1, 1)
    rgb: Tensor = images.float() * std + mean
    return rgb


def to_pictures(rgb: Tensor) -> Tensor:
    """Pictures uint8 [B, H, W, 3] on the CPU of RGB [B, 3, H, W] in 0 to 1; clips to it."""
    return (255 * rgb.clamp(0, 1)).round().to(torch.uint8).permute(0, 2, 3, 1).cpu()
