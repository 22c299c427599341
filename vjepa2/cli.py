"""`vjepa2`: one command, whose sub-commands are the mains of the libraries."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from vjepa2_sim.exit_status import exit_status

TRAINING = "vjepa2_models.training"
COMMANDS = {
    "demo": ("vjepa2.demo", "one reach task in closed loop, shown live"),
    "up": ("vjepa2_bringup.up", "the ROS 2 nodes of the whole stack, until Ctrl-C"),
    "doctor": ("vjepa2.doctor.command", "what this host has and lacks, and the remedy"),
    "replay": ("vjepa2_monitor.replay", "the plans of a recorded run, computed again"),
    "evaluate": ("vjepa2_sim.evaluate", "success over many unseen trials"),
    "collect": ("vjepa2_sim.collect", "simulated episodes to train on: moves, grasps, pushes"),
    "data": ("vjepa2.data", "index episodes to train on, convert recordings"),
    "pretrain": ("vjepa2_models.training.pretraining.pretrain", "train stage 1: the encoder"),
    "post-train": (
        "vjepa2_models.training.post_training.post_train",
        "train stage 2: the predictor",
    ),
    "train-decoder": (
        "vjepa2_models.training.decoding.train_decoder",
        "train what shows imagined frames",
    ),
    "train-pixels": (
        "vjepa2_models.training.baselines.train_pixels",
        "train the baseline that imagines pixels",
    ),
    "train-policy": (
        "vjepa2_models.training.baselines.train_policy",
        "train the baseline that acts without planning",
    ),
    "calibrate": ("vjepa2.calibrate", "the rotation between a camera's view and the arm's axes"),
    "camera-sweep": ("vjepa2.camera_sweep", "how calibration and reaching depend on the camera"),
    "landscape": ("vjepa2.landscape", "energy over a grid of actions, and where it is least"),
    "imagine": ("vjepa2.imagine", "what the model imagines of a motion, as pictures"),
    "weights": ("vjepa2.weights", "released and own weights: fetch, inspect, convert"),
}
"""Module, with a `main(arguments)`, and one line about each sub-command."""

EXAMPLES = """examples:
  vjepa2 demo                                  with the bundled world model
  vjepa2 demo --world-model simulator          with a perfect one: tests everything else
  vjepa2 up backend:=franky_sim                the ROS 2 nodes
  vjepa2 replay runs/TIME                      are the plans of a recorded run the same again?
  vjepa2 evaluate --trials 20 --seed 100000 --json reach.json
  vjepa2 data index DROID                      what can be trained on, and what not, and why
  vjepa2 landscape --npz trajectory.npz        the energy around one recorded action
  vjepa2 COMMAND --help                        the options of a command

A fault is one line and exit status 2; --debug shows its traceback instead.
"""


def run(arguments: Sequence[str]) -> int | None:
    """Carry out a sub-command; only its own module is imported."""
    parser = argparse.ArgumentParser(
        prog="vjepa2",
        description="Plan motions of a Franka arm in the latent space of V-JEPA 2-AC.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, (_, about) in COMMANDS.items():
        commands.add_parser(name, help=about, add_help=False)
    options, rest = parser.parse_known_args(arguments)
    module, _ = COMMANDS[options.command]
    status: int | None = import_module(module).main(rest)
    return status


def main() -> int:
    """Entry point; returns the exit status."""
    return exit_status(run)


if __name__ == "__main__":
    sys.exit(main())
