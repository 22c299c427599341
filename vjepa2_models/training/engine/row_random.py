"""Random numbers that belong to a row of a step's batch, and to nothing else."""

import numpy as np


def row_random(seed: int, step: int, row: int) -> np.random.Generator:
    """A generator for one row: the same in every process, and after a resume."""
    return np.random.default_rng((seed, step, row))
