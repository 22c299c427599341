"""The command line as a whole."""

import pytest

from vjepa2.cli import COMMANDS, run


def test_help_names_every_command_and_has_examples(capsys):
    """What someone new sees first."""
    with pytest.raises(SystemExit) as ended:
        run(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in COMMANDS)
    assert "examples:" in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_its_own_help(command, capsys):
    """The options reach the command's own parser."""
    with pytest.raises(SystemExit) as ended:
        run([command, "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert f"vjepa2 {command}" in shown
    assert "examples:" in shown


def test_an_unknown_command_is_an_error_of_usage(capsys):
    """The known ones are listed."""
    with pytest.raises(SystemExit) as ended:
        run(["fly"])
    assert ended.value.code == 2
    assert "demo" in capsys.readouterr().err
