"""How commands end."""

import pytest

from vjepa2_robot.franky_driver import FrankyArm
from vjepa2_sim.exit_status import FAULT, INTERRUPTED, exit_status


def test_a_command_that_ends_well():
    """Its status is kept; none is 0."""
    assert exit_status(lambda arguments: len(arguments), ["a", "b", "c"]) == 3
    assert exit_status(lambda arguments: None, []) == 0


def test_a_robot_that_is_not_there_is_one_line(capsys):
    """The address and the remedy, without a traceback."""
    assert exit_status(lambda arguments: FrankyArm("127.0.0.99"), []) == FAULT
    (line,) = capsys.readouterr().err.splitlines()
    assert "127.0.0.99" in line
    assert "check the address" in line


def test_debug_shows_the_fault(capsys):
    """The exception passes through, and the command does not see the option."""

    def fail(arguments):
        raise ValueError(f"with {arguments}")

    with pytest.raises(ValueError, match=r"with \['x'\]"):
        exit_status(fail, ["x", "--debug"])


def test_ctrl_c():
    """An interruption has the status that shells give it."""

    def interrupted(arguments):
        raise KeyboardInterrupt

    assert exit_status(interrupted, []) == INTERRUPTED
