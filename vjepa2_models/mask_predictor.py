"""The mask-denoising predictor of pre-training (paper, section 2.1)."""

import torch
from torch import Tensor, nn

from vjepa2_models.dimensions import Dimensions
from vjepa2_models.rotary import patch_positions, rotary_table
from vjepa2_models.transformer import NORM_EPS, Block, initialise


class MaskPredictor(nn.Module):
    """Predicts the features of hidden tokens from those of visible ones."""

    def __init__(self, dimensions: Dimensions) -> None:
        super().__init__()
        sizes, features = dimensions.mask_predictor, dimensions.encoder.embed_dim
        self.dimensions = dimensions
        self.head_dim = sizes.embed_dim // sizes.num_heads
        self.predictor_embed = nn.Linear(features, sizes.embed_dim)
        self.mask_tokens = nn.ParameterList(
            nn.Parameter(torch.zeros(1, 1, sizes.embed_dim)) for _ in range(sizes.num_mask_tokens)
        )
        self.predictor_blocks = nn.ModuleList(
            Block(sizes.embed_dim, sizes.num_heads) for _ in range(sizes.depth)
        )
        self.predictor_norm = nn.LayerNorm(sizes.embed_dim, eps=NORM_EPS)
        self.predictor_proj = nn.Linear(sizes.embed_dim, features)
        initialise(self, self.predictor_blocks)

    def forward(
        self,
        visible: Tensor,
        keep: Tensor,
        predict: Tensor,
        mask_token: int = 0,
        grid: tuple[int, int, int] | None = None,
    ) -> Tensor:
        """Features [B, M, D] at the hidden tokens.

        Args:
            visible: encoder features [B, K, D] of the visible tokens.
            keep: their indices [B, K] in the clip.
            predict: indices [B, M] of the hidden tokens to predict.
            mask_token: which of the learnt mask tokens stands for them; the official training
                has one for each kind of mask.
            grid: tokens of the clip along time, height and width; None: a clip of the sizes that
                the predictor was made for. Rotary positions allow others.
        """
        if grid is None:
            frames = self.dimensions.mask_predictor.num_frames // self.dimensions.tubelet_size
            grid = (frames, self.dimensions.grid, self.dimensions.grid)
        token = self.mask_tokens[mask_token % len(self.mask_tokens)]
        x = self.predictor_embed(visible)
        x = torch.cat([x, token.expand(*predict.shape, -1).to(x.dtype)], dim=1)
        positions = patch_positions(*grid, x.device)
        positions = positions[torch.cat([keep, predict], dim=1)].unsqueeze(1)
        table = rotary_table(positions, self.head_dim, x.dtype)
        for block in self.predictor_blocks:
            x = block(x, table)
        out: Tensor = self.predictor_proj(self.predictor_norm(x[:, keep.shape[1] :]))
        return out
