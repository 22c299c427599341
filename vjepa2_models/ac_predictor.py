"""The action-conditioned predictor (paper, section 3.1 and B.1)."""

import torch
from torch import Tensor, nn

from vjepa2_models.dimensions import Dimensions
from vjepa2_models.rotary import RotaryTable, frame_table
from vjepa2_models.transformer import NORM_EPS, Block, KeysAndValues, initialise

ACTION_DIM = 7
EXTRINSICS_DIM = 6

Past = list[KeysAndValues]
"""What frames leave behind for later ones, block by block."""


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
        x, table, mask = self._embedded(features, actions, states, extrinsics, first=0)
        for block in self.predictor_blocks:
            x = block(x, table, mask)
        return self._read_out(x, features.shape[1])

    def advance(
        self,
        features: Tensor,
        actions: Tensor,
        states: Tensor,
        extrinsics: Tensor | None = None,
        *,
        first: int = 0,
        past: Past | None = None,
        keep: bool = True,
    ) -> tuple[Tensor, Past]:
        """As `forward`, for frames from number `first` on, which follow those of the `past`.

        Attention is block-causal over frames, so what earlier frames left behind suffices: the
        result is that of all frames together. Returns it with the past of all frames so far; an
        empty one without `keep`, where nothing follows and the memory has better uses.
        """
        x, table, mask = self._embedded(features, actions, states, extrinsics, first)
        following = []
        for number, block in enumerate(self.predictor_blocks):
            assert isinstance(block, Block)
            x, keys_and_values = block.advance(x, table, mask, past[number] if past else None)
            if keep:
                following.append(keys_and_values)
        return self._read_out(x, features.shape[1]), following

    def _embedded(
        self,
        features: Tensor,
        actions: Tensor,
        states: Tensor,
        extrinsics: Tensor | None,
        first: int,
    ) -> tuple[Tensor, RotaryTable, Tensor | None]:
        """Tokens [B, T * tokens, width] of T frames, their rotary table and their mask."""
        conditions = [self.action_encoder(actions), self.state_encoder(states)]
        if self.use_extrinsics:
            if extrinsics is None:
                raise ValueError("this predictor was built with extrinsics: pass [B, T, 6]")
            conditions.append(self.extrinsics_encoder(extrinsics))
        condition = torch.stack(conditions, dim=2)
        x = torch.cat([condition, self.predictor_embed(features)], dim=2)
        _, frames, tokens, _ = x.shape
        table = frame_table(
            first, frames, self.grid, len(conditions), self.head_dim, x.dtype, x.device
        )
        mask = frame_causal_mask(frames, tokens, x.device, first)
        return x.flatten(1, 2), table, mask

    def _read_out(self, x: Tensor, frames: int) -> Tensor:
        """Features [B, T, N, D] of the patch tokens."""
        x = x.unflatten(1, (frames, -1))[:, :, -(self.grid**2) :]
        out: Tensor = self.predictor_proj(self.predictor_norm(x))
        return out


def frame_causal_mask(
    frames: int, tokens: int, device: torch.device, past: int = 0
) -> Tensor | None:
    """Boolean [frames * tokens, (past + frames) * tokens], true where a token may look.

    At its own frame, at earlier ones, and at all of the past. None for a single frame, where it
    would be true everywhere: without a mask the fast attention kernels apply.
    """
    if frames == 1:
        return None
    frame = torch.arange(past + frames, device=device).repeat_interleave(tokens)
    return frame[past * tokens :].unsqueeze(1) >= frame.unsqueeze(0)
