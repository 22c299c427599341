"""What pages tell people to type is there, and takes what they give it."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import re
import runpy
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.commands import Command, after, commands
from tests.docs.pages import ROOT, fenced
from vjepa2.cli import run
from vjepa2_bringup import up
from vjepa2_bringup.arguments import Arguments
from vjepa2_node import names

COMMANDS = commands()
OWN = [command for command in COMMANDS if after(command, "vjepa2") is not None]
MADE = [command for command in COMMANDS if command.words[0] == "make"]
PYTHON = [command for command in COMMANDS if after(command, "python", "python3") is not None]
ROS = [command for command in COMMANDS if command.words[0] == "ros2"]
ASKED = [c for c in ROS if c.words[1:3] in (("service", "call"), ("action", "send_goal"))]
LAUNCHED = [command for command in ROS if command.words[1] == "launch"]


class Parsed(BaseException):
    """Options were taken; not an Exception, as a fault of a command would be caught."""


@pytest.fixture
def parsing_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let a command end where it has understood what it was given.

    It runs in a folder with lab.yaml, the parameter file that pages tell people to write.
    """
    [lab] = [block.text for block in fenced("yaml") if "ros__parameters" in block.text]
    (tmp_path / "lab.yaml").write_text(lab)
    monkeypatch.chdir(tmp_path)
    parse = argparse.ArgumentParser.parse_args

    def parse_and_end(parser: argparse.ArgumentParser, *given: Any, **named: Any) -> Any:
        raise Parsed(parse(parser, *given, **named))

    def start(arguments: Arguments) -> int:
        raise Parsed(arguments)

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parse_and_end)
    monkeypatch.setattr(up, "run", start)


def taken_by_vjepa2(words: tuple[str, ...]) -> None:
    """SystemExit other than 0, or an error, where the words are no command."""
    try:
        if words[:1] == ("up",) and "--help" not in words:
            up.parse(words[1:])
        else:
            run(words)
    except Parsed:
        return
    except SystemExit as ended:
        # Help is shown before anything is parsed.
        assert ended.code == 0, words


@pytest.mark.parametrize("command", OWN, ids=str)
@pytest.mark.usefixtures("parsing_only")
def test_vjepa2_takes_it(command: Command) -> None:
    """Sub-command, options and their values, by the parser that the command itself uses."""
    words = after(command, "vjepa2")
    assert words is not None
    taken_by_vjepa2(words)


@pytest.mark.usefixtures("parsing_only")
def test_what_vjepa2_does_not_take_is_seen() -> None:
    """The test above can fail."""
    for words in (
        ("demo", "--sed", "1"),
        ("up", "dry:=true"),
        ("fly",),
        ("evaluate", "--task", "x"),
    ):
        with pytest.raises((AssertionError, ValueError)):
            taken_by_vjepa2(words)


@pytest.mark.parametrize("command", MADE, ids=str)
@pytest.mark.usefixtures("parsing_only")
def test_make_has_the_target(command: Command) -> None:
    """And hands what it is set to to a command of ours that takes it."""
    makefile = (ROOT / "Makefile").read_text()
    target, *settings = command.words[1:]
    rule = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert rule, command
    values = dict(re.findall(r"^(\w+) *:= *(.*)$", makefile, re.MULTILINE))
    for setting in settings:
        name, _, value = setting.partition("=")
        assert name in values, command
        values[name] = value
    ours = re.search(r"/vjepa2 (.*\$\(ARGS\))$", rule[1], re.MULTILINE)
    if ours:
        words = re.sub(r"\$\((\w+)\)", lambda named: values[named[1]], ours[1])
        taken_by_vjepa2(tuple(words.split()))


@pytest.mark.parametrize("command", PYTHON, ids=str)
@pytest.mark.usefixtures("parsing_only")
def test_python_finds_it(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module, or a script that takes these options."""
    words = after(command, "python", "python3")
    assert words is not None
    if words[0] == "-m":
        assert importlib.util.find_spec(words[1]), command
        return
    script = ROOT / words[0]
    assert script.exists(), command
    monkeypatch.setattr(sys, "argv", [str(script), *words[1:]])
    monkeypatch.syspath_prepend(str(script.parent))
    with pytest.raises(Parsed):
        runpy.run_path(str(script), run_name="__main__")


@pytest.mark.parametrize("command", ASKED, ids=str)
def test_a_service_or_action_is_asked_in_its_own_terms(command: Command) -> None:
    """Its name is on the graph, its type is ours, and the request has these fields."""
    name, kind, *rest = [word for word in command.words[3:] if word != "--feedback"]
    known = {value for key, value in vars(names).items() if key.isupper()}
    assert name.removeprefix("/") in known, command
    package, folder, message = kind.split("/")
    interface = getattr(importlib.import_module(f"{package}.{folder}"), message)
    request = interface.Goal if folder == "action" else interface.Request
    request(**(yaml.safe_load(rest[0]) if rest else {}), check_fields=True)


@pytest.mark.parametrize("command", LAUNCHED, ids=str)
def test_a_launch_file_is_there(command: Command) -> None:
    """In its package; the stack's own takes the arguments."""
    package, file, *given = command.words[2:]
    folder = ROOT / "ros2_ws/src" / package / "launch"
    assert (folder / file).exists(), command
    if file == "stack.launch.py":
        up.parse(given)


def test_commands_are_found() -> None:
    """The tests above would pass on none."""
    assert min(map(len, (OWN, MADE, PYTHON, ASKED, LAUNCHED))) > 1
