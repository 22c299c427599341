"""The action-conditioned predictor (paper, section 3.1 and B.1)."""

import torch
from torch import Tensor, nn

from vjepa2_models.dimensions import Dimensions
from vjepa2_models.rotary import patch_positions, rotary_table
from vjepa2_models.transformer import NORM_EPS, Block, initialise

ACTION_DIM = 7
EXTRINSICS_DIM = 6


class ACPredictor(nn.Module):
    """Predicts each frame's successor from the frames, states and actions up to it."""

    def __init__(self, dimensions: Dimensions) -> None:
        super().__init__()
        sizes, features = dimensions.ac_predictor, dimensions.encoder.embed_dim
        self.grid = dimensions.grid
        self.use_extrinsics = sizes.use_extrinsics
        self.head_dim = sizes.embed_dim // sizes.num_heads
        self.predictor_embed = nn.Linear(features, sizes.embed_dim)
        self.action_encoder = nn.Linear(ACTION_DIM, sizes.embed_dim)
        self.state_encoder = nn.Linear(ACTION_DIM, sizes.embed_dim)
        # Present even when unused, as in the released checkpoint.
        self.extrinsics_encoder = nn.Linear(EXTRINSICS_DIM, sizes.embed_dim)
        self.predictor_blocks = nn.ModuleList(
            Block(sizes.embed_dim, sizes.num_heads) for _ in range(sizes.depth)
        )
        self.predictor_norm = nn.LayerNorm(sizes.embed_dim, eps=NORM_EPS)
        self.predictor_proj = nn.Linear(sizes.embed_dim, features)
        initialise(self, self.predictor_blocks)

    def forward(
        self, features: Tensor, actions: Tensor, states: Tensor, extrinsics: Tensor | None = None
    ) -> Tensor:
        """Features [B, T, N, D] of the T following frames, not yet normalised.

        Args:
            features: normalised features [B, T, N, D].
            actions: [B, T, 7], each leading from its frame to the next.
            states: [B, T, 7], the end effector at each frame.
            extrinsics: camera pose [B, T, 6]; only for a predictor built to use it.
        """
        conditions = [self.action_encoder(actions), self.state_encoder(states)]
        if self.use_extrinsics:
            if extrinsics is None:
                raise ValueError("this predictor was built with extrinsics: pass [B, T, 6]")
            conditions.append(self.extrinsics_encoder(extrinsics))
        condition = torch.stack(conditions, dim=2)
        x = torch.cat([condition, self.predictor_embed(features)], dim=2)
        _, frames, tokens, _ = x.shape
        x = x.flatten(1, 2)
        table = rotary_table(
            self._positions(frames, condition.shape[2], x), self.head_dim, x.dtype
        )
        mask = frame_causal_mask(frames, tokens, x.device)
        for block in self.predictor_blocks:
            x = block(x, table, mask)
        x = x.unflatten(1, (frames, tokens))[:, :, condition.shape[2] :]
        out: Tensor = self.predictor_proj(self.predictor_norm(x))
        return out

    def _positions(self, frames: int, conditions: int, x: Tensor) -> Tensor:
        """Patches have all three positions; actions and states have the frame's alone."""
        patches = patch_positions(frames, self.grid, self.grid, x.device).unflatten(
            0, (frames, -1)
        )
        condition = torch.zeros(frames, conditions, 3, dtype=patches.dtype, device=x.device)
        condition[..., 0] = torch.arange(frames, device=x.device).unsqueeze(1)
        return torch.cat([condition, patches], dim=1).flatten(0, 1)


def frame_causal_mask(frames: int, tokens: int, device: torch.device) -> Tensor | None:
    """Boolean [L, L], true where a token may look: at its own frame and at earlier ones.

    None for a single frame, where it would be true everywhere: without a mask the fast attention
    kernels apply.
    """
    if frames == 1:
        return None
    frame = torch.arange(frames, device=device).repeat_interleave(tokens)
    return frame.unsqueeze(1) >= frame.unsqueeze(0)
