"""Collection of simulated episodes in the DROID raw layout: the command `vjepa2 collect`.

Each episode is a folder of its own, `OUT/<shard>/<number>`, with `trajectory.h5`, the camera's
MP4 and `metadata_<number>.json`, at 4 frames a second. Frame t shows the arm in state t. An
episode depends on seed and number only, not on workers, and a complete one is never collected
again. `OUT/collection.json` says how all of them were collected.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from vjepa2_data.droid_writer import write_episode
from vjepa2_sim.collection import Collection
from vjepa2_sim.episode import MOTIONS, Collector
from vjepa2_sim.simulated_recording import recording_of

_JOB_EPISODES = 20

EXAMPLES = """examples:
  vjepa2 collect --episodes 5000 --workers 2 --seed 1 --out data/train
  vjepa2 collect --episodes 20000 --workers 2 --seed 1 --out data/train   # go on with it
  vjepa2 collect --episodes 2500 --workers 2 --seed 2 --motion fingers --out data/fingers
  vjepa2 data index data/train

A quarter of the episodes each have no object, a cup, a box, or both. Where there are objects,
73 % of the motions are scripted grasps and pushes (some of which fail), the rest is random.
With --motion fingers, the fingers close and open around an object or in the air while the hand
rests: what they do is a small part of a picture, and is learnt from many examples.
Seeds from 100000 on are kept for evaluation.
"""


def collect_episodes(collection: Collection, numbers: Sequence[int]) -> int:
    """Collect and write these episodes; returns how many frames."""
    for number in numbers:
        rng = np.random.default_rng([collection.seed, number])
        episode = _collector(collection.size, collection.motion).episode(rng, collection.frames)
        write_episode(recording_of(episode, collection.seed, number), collection.folder(number))
    return len(numbers) * collection.frames


@cache
def _collector(size: int, motion: str) -> Collector:
    """One for the life of a process: to build the scene takes as long as ten episodes."""
    return Collector(size, motion)


def collect(collection: Collection, workers: int = 1) -> None:
    """Collect all episodes that are missing, with `workers` processes.

    Raises ValueError where the folder holds episodes that were collected otherwise.
    """
    collection.begin()
    missing = collection.missing()
    jobs = [missing[k : k + _JOB_EPISODES] for k in range(0, len(missing), _JOB_EPISODES)]
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:.0f} frames/s"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with (
        ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool,
        Progress(*columns) as progress,
    ):
        done = collection.episodes - len(missing)
        task = progress.add_task("episodes", total=collection.episodes, completed=done, rate=0.0)
        start, frames = time.monotonic(), 0
        # Where one job fails, `map` calls off those that have not begun.
        for collected in pool.map(partial(collect_episodes, collection), jobs):
            frames += collected
            rate = frames / (time.monotonic() - start)
            progress.update(task, advance=collected // collection.frames, rate=rate)


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line of the collector."""
    parser = argparse.ArgumentParser(
        prog="vjepa2 collect",
        description="collect simulated episodes: random motion, grasps, carries, drops, pushes",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--episodes", type=int, required=True, help="how many in all")
    parser.add_argument("--frames", type=int, default=16, help="frames an episode (16)")
    parser.add_argument("--size", type=int, default=128, help="edge of a frame in pixels (128)")
    parser.add_argument("--seed", type=int, default=0, help="0 to 99999 (0)")
    parser.add_argument("--out", type=Path, required=True, help="folder of the episodes")
    parser.add_argument(
        "--motion",
        choices=MOTIONS,
        default="mixed",
        help="what happens (mixed); fingers: see below",
    )
    parser.add_argument("--workers", type=int, default=1, help="processes (1)")
    options = vars(parser.parse_args(arguments))
    workers = options.pop("workers")
    if workers < 1:
        parser.error("--workers must be at least 1")
    try:
        collection = Collection(**options)
    except ValueError as reason:
        parser.error(str(reason))
    # llvmpipe starts one thread per core in each worker; the workers already fill the cores.
    os.environ.setdefault("LP_NUM_THREADS", "1" if workers > 1 else "2")
    collect(collection, workers)


if __name__ == "__main__":
    main()
