"""What the commands of all stages share: their options, and how they begin and end."""

import argparse
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from rich.logging import RichHandler

from vjepa2_models.training.engine.engine import InterruptedTrainingError
from vjepa2_models.training.engine.engine_settings import EngineSettings
from vjepa2_models.training.engine.processes import Processes, join_processes
from vjepa2_models.training.engine.progress import CONSOLE

INTERRUPTED = 130


def training_parser(program: str, description: str, examples: str) -> argparse.ArgumentParser:
    """A parser with `--config`, `--out`, `--set` and `--resume`."""
    parser = argparse.ArgumentParser(
        prog=program,
        description=description,
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--config", type=Path, required=True, help="settings (YAML)")
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument(
        "--set",
        action="extend",
        nargs="+",
        default=[],
        metavar="KEY=VALUE",
        help="override settings, such as engine.batch=16",
    )
    parser.add_argument("--resume", action="store_true", help="go on from the run's checkpoint")
    return parser


def run_training(engine: EngineSettings, train: Callable[[Processes], None]) -> int | None:
    """Calls `train` with this process among all; the status of the command.

    Ctrl-C says how to go on.
    """
    with join_processes(engine.device) as processes:
        level = logging.INFO if processes.first else logging.ERROR
        handler = RichHandler(console=CONSOLE, show_path=False)
        logging.basicConfig(level=level, format="%(message)s", handlers=[handler])
        try:
            train(processes)
        except InterruptedTrainingError as stopped:
            print(f"{stopped}; run the same command with --resume to go on", file=sys.stderr)
            return INTERRUPTED
    return None


def leave(status: int | None) -> NoReturn:
    """Ends a process of torchrun, once all its files are closed.

    At once: while Python takes itself apart, a thread of gloo that still lets go of a tensor
    aborts the process, so that a training that is complete would count as failed.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status or 0)
