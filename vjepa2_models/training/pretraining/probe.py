"""What features know of the arm, without any label in the training: figures to watch."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import spearmanr
from torch import Tensor

from vjepa2_data import Clip
from vjepa2_models.encoder import Encoder
from vjepa2_models.preprocessing import preprocess
from vjepa2_models.world_model import encode_stills


def feature_spread(features: Tensor) -> Tensor:
    """Standard deviation over a batch [B, N, D], averaged over positions and channels; B >= 2.

    Normalised features have a spread of 1 over channels; the share that varies from clip to clip
    is near 0 if they only tell positions apart, or have collapsed.
    """
    return features.float().std(dim=0).mean()


def pairwise_energies(features: Tensor) -> Tensor:
    """Mean absolute difference [B, B] between all pairs of frames [B, N, D]."""
    return torch.cdist(features.flatten(1).float(), features.flatten(1).float(), p=1) / (
        features[0].numel()
    )


def rank_correlation(
    energies: NDArray[np.float64], distances: NDArray[np.float64], low: float, high: float
) -> float:
    """Spearman correlation over the pairs whose distance in metres lies within [low, high].

    NaN if there are fewer than three, or if one side is constant.
    """
    chosen = (distances >= low) & (distances <= high)
    if chosen.sum() < 3 or np.ptp(energies[chosen]) == 0 or np.ptp(distances[chosen]) == 0:
        return float("nan")
    return float(spearmanr(energies[chosen], distances[chosen]).statistic)


@torch.no_grad()
def distance_correlations(encoder: Encoder, clips: Sequence[Clip]) -> dict[str, float]:
    """How well energies between frames of one episode rank the distances of the end effector.

    Near pairs are under 10 cm apart, far ones 10 to 40 cm: the energy must still have a slope
    there for a planner to find its way. A figure that no clip has pairs for is left out.
    """
    sizes, weight = encoder.dimensions, encoder.norm.weight
    found: dict[str, list[float]] = {"near": [], "far": []}
    for clip in clips:
        frames = torch.from_numpy(clip.frames).to(weight.device)
        images = preprocess(frames, sizes.img_size, sizes.crop).to(weight.dtype)
        energies = pairwise_energies(encode_stills(encoder, images)).cpu().numpy()
        distances = np.linalg.norm(clip.states[:, None, :3] - clip.states[None, :, :3], axis=-1)
        pairs = np.triu_indices(len(clip.states), 1)
        found["near"].append(rank_correlation(energies[pairs], distances[pairs], 0.0, 0.10))
        found["far"].append(rank_correlation(energies[pairs], distances[pairs], 0.10, 0.40))
    return {
        name: float(np.nanmean(values))
        for name, values in found.items()
        if not np.isnan(values).all()
    }
