"""Seeds of the single steps of a run."""

import numpy as np


def step_seed(run_seed: int, index: int) -> int:
    """A 63-bit seed for step ``index`` of a run; both numbers at least 0.

    Steps are independent of each other, so one recorded step replays without those before it.
    """
    word = np.random.SeedSequence([run_seed, index]).generate_state(1, np.uint64)[0]
    return int(word >> np.uint64(1))
