"""Start the whole stack: arm and camera, real or simulated, world model, planner, sequencer."""

from __future__ import annotations

import argparse
import signal
import textwrap
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape

from vjepa2_bringup.arguments import Arguments, described
from vjepa2_bringup.node_table import node_names
from vjepa2_bringup.runner import Stack, StackError

EXAMPLES = """examples:
  vjepa2 up                                                         a simulated arm
  vjepa2 up preset:=fast composed:=false namespace:=lab
  vjepa2 up backend:=real robot_address:=172.16.0.2                 a real arm, dry run
  vjepa2 up backend:=real robot_address:=172.16.0.2 dry_run:=false
  vjepa2 up backend:=real part:=planning                            on the host with the GPU
  vjepa2 up backend:=gazebo                                         beside Gazebo and its bridge
  vjepa2 up dashboard:=true record:=                                a web page; no recordings

Ctrl-C ends all of it in order; a second one is less patient. Exit status: 0 ended by Ctrl-C or
SIGTERM once it was up, 130 before that, 2 a fault: a node did not come up, or a process ended
by itself.
"""
WIDTH = 96
FAULT = 2
RUNS = "runs"
"""Where tasks are recorded unless another folder, or none, is asked for."""


def main(arguments: Sequence[str]) -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="vjepa2 up",
        usage="vjepa2 up [NAME:=VALUE ...]",
        description=__doc__,
        epilog=f"{_explained()}\n\n{EXAMPLES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("given", nargs="*", metavar="NAME:=VALUE", help="described below")
    return run(parse([f"record:={RUNS}", *parser.parse_args(arguments).given]))


def parse(given: Sequence[str]) -> Arguments:
    """Arguments of `name:=value` words; ValueError says what is wrong with one."""
    texts = {}
    for word in given:
        name, separator, value = word.partition(":=")
        if not separator:
            raise ValueError(f"{word!r} is not of the form name:=value, such as backend:=real")
        texts[name] = value
    return Arguments.from_text(texts)


def run(arguments: Arguments) -> int:
    """Run the stack until Ctrl-C, SIGTERM or a fault; returns the exit status.

    KeyboardInterrupt if it was interrupted before it was up.
    """
    # Set by hand: a shell starts its background jobs with SIGINT ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    console = Console(highlight=False, stderr=True)
    with console.status("starting") as status:

        def show(line: str) -> None:
            status.update(escape(line))
            if line.endswith(": active") or not console.is_terminal:
                console.print(line, markup=False, style="green", soft_wrap=True)

        def pass_on(process: str, line: str) -> None:
            console.print(f"{process} | {line}", markup=False, style="dim", soft_wrap=True)

        stack = Stack(arguments, on_progress=show, on_output=pass_on)
        try:
            with stack:
                try:
                    status.update("up; Ctrl-C ends it")
                    console.print(_summary(arguments, stack), soft_wrap=True)
                    stack.wait()
                except KeyboardInterrupt:
                    status.update("ending")
        except StackError as error:
            console.print(f"error: {error}", markup=False, style="red", soft_wrap=True)
            return FAULT
    console.print("all ended")
    return 0


def _summary(arguments: Arguments, stack: Stack) -> str:
    where = f" in namespace {escape(stack.specs[0].namespace)}" if arguments.namespace else ""
    lines = [f"[bold]up[/]{where}: {', '.join(node_names(stack.specs))}; Ctrl-C ends it"]
    if arguments.part == "planning":
        pass
    elif arguments.dry_run:
        lines.append("[yellow]dry run[/]: the arm never moves; dry_run:=false lets it")
    elif arguments.backend == "real":
        lines.append("[red]the real arm moves[/] when it is asked to")
    if any("recorder" in spec.nodes for spec in stack.specs):
        lines.append(f"each task is recorded into {escape(arguments.record)}/; record:= for none")
    return "\n".join(lines)


def _explained() -> str:
    lines = ["arguments:"]
    for argument in described():
        lines.append(f"  {argument.name}:={argument.default}")
        lines += textwrap.wrap(
            argument.description, WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6
        )
    return "\n".join(lines)
