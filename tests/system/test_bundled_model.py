"""The bundled world model in the real closed loop."""

from vjepa2_models import bundled_checkpoint
from vjepa2_sim import task_evaluation
from vjepa2_sim.evaluate import evaluate_reach, in_this_process
from vjepa2_sim.reach_attempt import BUDGET

MEGABYTE = 1_000_000


def test_bundled_model_is_small_and_has_its_card() -> None:
    """At most 20 MB, with the model card beside it."""
    checkpoint = bundled_checkpoint()
    assert checkpoint.stat().st_size <= 20 * MEGABYTE
    assert checkpoint.name in (checkpoint.parent / "README.md").read_text()


def test_bundled_model_reaches_goal_images() -> None:
    """Two starts of the training range end at their goals, one across a dent of the energy."""
    with in_this_process("bundled", "demo_sim", BUDGET) as play:
        for attempt in evaluate_reach(play, seeds=(50_115, 50_111)):
            assert attempt.start_distance_m > 0.15
            assert attempt.success, attempt


def test_bundled_model_picks_and_places() -> None:
    """Three of four trials of the training range at least: 27 of 28 did, and machines round."""
    with task_evaluation.in_this_process("bundled", "demo_tasks", direct=True) as play:
        attempts = [
            attempt
            for thing in ("cup", "box")
            for attempt in task_evaluation.evaluate_task(
                play, "pick_and_place", thing, seeds=(50_310, 50_311)
            )
        ]
    assert sum(attempt.success for attempt in attempts) >= 3, [a.cause for a in attempts]
