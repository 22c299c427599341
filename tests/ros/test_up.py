"""`vjepa2 up` with the real graph: it comes up, and ends without a trace in every way."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.processes import descendants
from vjepa2_bringup.arguments import described
from vjepa2_bringup.node_table import Arguments, node_names, nodes
from vjepa2_bringup.up import main, parse

WAIT = 90.0
"""Seconds for the whole graph on a busy machine."""


class Up:
    """A running `vjepa2 up`."""

    def __init__(self, *words: str) -> None:
        # An address of its own, so that simulations do not meet.
        pid = os.getpid()
        address = f"127.{32 + (pid >> 16) % 32}.{pid >> 8 & 255}.{pid & 255}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "vjepa2.cli", "up", f"robot_address:={address}", *words],
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said: list[str] = []

    def until(self, text: str) -> str:
        """The next line with `text` in it."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line)
            if text in line:
                return line
        raise AssertionError(f"it ended and never said {text!r}:\n{''.join(self.said)}")

    def end(self) -> int:
        """Its exit status; what it says until then is read."""
        _, rest = self.process.communicate(timeout=WAIT)
        self.said.append(rest)
        return self.process.returncode


@contextmanager
def up(*words: str) -> Iterator[Up]:
    running = Up(*words)
    try:
        yield running
    finally:
        running.process.kill()
        running.process.communicate()


@contextmanager
def all_end(pids: list[int]) -> Iterator[None]:
    """Asserts that these processes are gone after the block."""
    with ExitStack() as open_files:
        handles = [open_files.enter_context(os.fdopen(os.pidfd_open(pid))) for pid in pids]
        yield
        for handle, pid in zip(handles, pids, strict=True):
            assert select.select([handle], [], [], 10.0)[0], f"process {pid} is left"


def test_the_whole_graph_comes_up_and_ends_on_ctrl_c(domain: int) -> None:
    """Status 0; the simulator that a node has started is gone as well."""
    with up("namespace:=lab") as running:
        line = running.until("up in namespace /lab")
        assert ", ".join(node_names(nodes(Arguments()))) in line
        pids = descendants(running.process.pid)
        assert len(pids) >= 4
        with all_end(pids):
            running.process.send_signal(signal.SIGINT)
            assert running.end() == 0
    assert running.said[-1].endswith("all ended\n")


def test_a_process_that_ends_by_itself_ends_all(domain: int) -> None:
    """Status 2, and its name; the others end in order."""
    with up("part:=robot") as running:
        running.until("up: simulation, franka_bridge")
        pids = descendants(running.process.pid)
        [bridge] = [p for p in pids if "franka_bridge" in Path(f"/proc/{p}/cmdline").read_text()]
        with all_end(pids):
            os.kill(bridge, signal.SIGKILL)
            assert running.end() == 2
    assert "error: franka_bridge ended by SIGKILL" in running.said[-1]


def test_ctrl_c_on_the_way_up(domain: int) -> None:
    """Status 130."""
    with up("part:=robot") as running:
        running.until("simulation: configure")
        with all_end(descendants(running.process.pid)):
            running.process.send_signal(signal.SIGTERM)
            assert running.end() == 130


def test_words_become_arguments() -> None:
    """Values may hold what separates names from values."""
    assert parse(["composed:=false", "dry_run:=true"]) == Arguments(composed=False, dry_run=True)
    assert parse(["model:=a:=b"]).model == "a:=b"
    with pytest.raises(ValueError, match="'composed=false' is not of the form name:=value"):
        parse(["composed=false"])


def test_tasks_are_recorded_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last word counts."""
    told: list[Arguments] = []
    monkeypatch.setattr("vjepa2_bringup.up.run", lambda arguments: told.append(arguments) or 0)
    for words in ([], ["record:=elsewhere"], ["record:="]):
        main(words)
    assert [arguments.record for arguments in told] == ["runs", "elsewhere", ""]


def test_help_describes_every_argument(capsys: pytest.CaptureFixture[str]) -> None:
    """In the words of the launch files."""
    with pytest.raises(SystemExit):
        main(["--help"])
    text = " ".join(capsys.readouterr().out.split())
    for argument in described():
        assert f"{argument.name}:={argument.default} {argument.description}" in text
