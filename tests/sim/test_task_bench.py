"""Tasks with an object on the bench with the real franky client."""

from vjepa2_sim.task_bench import open_task_bench
from vjepa2_sim.task_draw import draw_task_trial

CLOSE = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5]


def test_a_hand_that_held_something_closes_in_the_next_trial():
    """The reset takes the object away, and the hand knows it; what it is given it does hold."""
    with open_task_bench() as bench:
        bench.set_up(draw_task_trial("reach_with_object", "cup", 41))
        held = bench.arm.state().pose[6]
        assert bench.arm.execute(CLOSE).code.ok
        assert abs(bench.arm.state().pose[6] - held) < 0.05
        bench.set_up(draw_task_trial("grasp", "cup", 42))
        assert bench.arm.state().pose[6] < 0.05
        assert bench.arm.execute(CLOSE).code.ok
        assert bench.arm.state().pose[6] > 0.4
