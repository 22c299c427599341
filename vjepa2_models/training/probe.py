"""What features know of the arm, without any label in the training: two figures to watch."""

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import spearmanr
from torch import Tensor

from vjepa2_models.encoder import Encoder
from vjepa2_models.preprocessing import preprocess
from vjepa2_models.training.episodes import Episodes
from vjepa2_models.world_model import encode_stills


def feature_spread(features: Tensor) -> float:
    """Standard deviation over a batch [B, N, D], averaged over positions and channels.

    Normalised features have a spread of 1 over channels; the share that varies from image to
    image is near 0 as long as they only tell positions apart, or have collapsed.
    """
    return float(features.float().std(dim=0).mean())


def pairwise_energies(features: Tensor) -> Tensor:
    """Mean absolute difference [B, B] between all pairs of frames [B, N, D]."""
    return torch.cdist(features.flatten(1).float(), features.flatten(1).float(), p=1) / (
        features[0].numel()
    )


def rank_correlation(
    energies: NDArray[np.float64], distances: NDArray[np.float64], low: float, high: float
) -> float:
    """Spearman correlation over the pairs whose distance in metres lies within [low, high]."""
    chosen = (distances >= low) & (distances <= high)
    return float(spearmanr(energies[chosen], distances[chosen]).statistic)


@torch.inference_mode()
def distance_correlations(encoder: Encoder, episodes: Episodes) -> dict[str, float]:
    """How well energies between frames of one episode rank the distances of the end effector.

    Near pairs are under 10 cm apart, far ones 10 to 40 cm: the energy must still have a slope
    there for a planner to find its way.
    """
    sizes = encoder.dimensions
    near, far = [], []
    for frames, states in zip(episodes.frames, episodes.states, strict=True):
        images = preprocess(torch.from_numpy(frames), sizes.img_size, sizes.crop)
        energies = pairwise_energies(encode_stills(encoder, images)).numpy()
        distances = np.linalg.norm(states[:, None, :3] - states[None, :, :3], axis=-1)
        pairs = np.triu_indices(len(states), 1)
        near.append(rank_correlation(energies[pairs], distances[pairs], 0.0, 0.10))
        far.append(rank_correlation(energies[pairs], distances[pairs], 0.10, 0.40))
    return {"near": float(np.nanmean(near)), "far": float(np.nanmean(far))}
