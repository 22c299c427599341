"""Seeds of single steps."""

from vjepa2_planner import step_seed


def test_steps_have_their_own_seeds() -> None:
    """Runs and steps do not share seeds, also not across a diagonal, and seeds fit 63 bits."""
    seeds = {step_seed(run, index) for run in range(50) for index in range(50)}
    assert len(seeds) == 2500
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_seed_is_the_same_tomorrow() -> None:
    """A recorded step replays with a later version, too."""
    assert step_seed(100_000, 3) == 6570035538902320753
