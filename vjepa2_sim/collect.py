"""Collection of random-motion episodes with the direct driver: `python -m vjepa2_sim.collect`.

Output: shards `episodes_00000.npz` (no pickled objects) with
    frames       uint8   [E,T,S,S,3]  RGB
    states       float32 [E,T,7]      x y z [m], extrinsic xyz Euler angles [rad], closedness
    camera_angle float32 [E]          degrees about the workspace, 0 at the robot's base
    episode      int64   [E]          number of the episode within the seed
and `meta.json`. Frame t shows the arm in state t; actions are the changes between states. An
episode depends on seed and number only, not on shards or workers.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

from vjepa2_sim.camera import Camera, Image
from vjepa2_sim.camera_placement import CameraPlacement
from vjepa2_sim.direct import DirectDriver
from vjepa2_sim.random_motion import MAX_STEP_M, RandomMotion
from vjepa2_sim.scene import Lighting, light_scene, place_camera
from vjepa2_sim.workspace import COLLECTION_WORKSPACE

FIRST_EVALUATION_SEED = 100_000
SHARD_EPISODES = 100


@dataclass(frozen=True)
class Collection:
    """What to collect, and where to."""

    episodes: int
    out: Path
    frames: int = 16
    size: int = 128
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.seed < FIRST_EVALUATION_SEED:
            raise ValueError(
                f"seed {self.seed} is not for training: seeds from {FIRST_EVALUATION_SEED} on are "
                f"kept for evaluation, use 0 to {FIRST_EVALUATION_SEED - 1}"
            )
        if min(self.episodes, self.frames, self.size) < 1:
            raise ValueError("episodes, frames and size must be at least 1")

    def shards(self) -> list[tuple[int, int]]:
        """First and last + 1 episode number of each shard."""
        return [
            (first, min(first + SHARD_EPISODES, self.episodes))
            for first in range(0, self.episodes, SHARD_EPISODES)
        ]


class Collector:
    """Moves one simulated arm at random and looks at it."""

    def __init__(self, size: int = 128) -> None:
        self._driver = DirectDriver()
        self._camera = Camera(self._driver.model, size)

    def episode(
        self, rng: np.random.Generator, frames: int
    ) -> tuple[Image, NDArray[np.float32], CameraPlacement]:
        """Frames [T,S,S,3], states [T,7] and the camera's placement of one episode."""
        placement = CameraPlacement().jittered(rng)
        place_camera(self._driver.model, placement)
        light_scene(self._driver.model, Lighting.jittered(rng))
        self._start(rng)
        motion = RandomMotion(rng)
        images, states = [], []
        for step in range(frames):
            if step:
                self._driver.execute(motion.next_delta(self._driver.state().pose))
            images.append(self._camera.capture(self._driver.data))
            states.append(self._driver.state().pose)
        return np.stack(images), np.stack(states).astype(np.float32), placement

    def _start(self, rng: np.random.Generator) -> None:
        """Reach a random pose by one or two straight moves from home, as a task would."""
        self._driver.home()
        for _ in range(rng.integers(1, 3)):
            pose = self._driver.state().pose
            pose[:3] = COLLECTION_WORKSPACE.sample(rng)
            pose[6] = rng.choice([0.0, 1.0, rng.random()])
            self._driver.move_to(pose)


def collect_shard(collection: Collection, first: int, end: int) -> int:
    """Collect episodes first..end-1 into one file; returns how many."""
    collector = Collector(collection.size)
    images, states, angles = [], [], []
    for number in range(first, end):
        rng = np.random.default_rng([collection.seed, number])
        frames, poses, placement = collector.episode(rng, collection.frames)
        images.append(frames)
        states.append(poses)
        angles.append(placement.angle_deg)
    path = collection.out / f"episodes_{first // SHARD_EPISODES:05d}.npz"
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        np.savez(
            file,
            allow_pickle=False,
            frames=np.stack(images),
            states=np.stack(states),
            camera_angle=np.asarray(angles, dtype=np.float32),
            episode=np.arange(first, end, dtype=np.int64),
        )
    unfinished.replace(path)
    return end - first


def collect(collection: Collection, workers: int = 1) -> None:
    """Collect all episodes into `collection.out`, with `workers` processes."""
    collection.out.mkdir(parents=True, exist_ok=True)
    meta = {
        "format": 1,
        "max_step_m": MAX_STEP_M,
        "workspace": asdict(COLLECTION_WORKSPACE),
        "camera": asdict(CameraPlacement()),
        **(asdict(collection) | {"out": collection.out.name}),
    }
    (collection.out / "meta.json").write_text(json.dumps(meta, indent=2) + "\n")
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn())
    with (
        ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool,
        Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn()) as progress,
    ):
        task = progress.add_task("episodes", total=collection.episodes)
        jobs = [pool.submit(collect_shard, collection, *shard) for shard in collection.shards()]
        for job in as_completed(jobs):
            progress.advance(task, job.result())


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line of the collector."""
    parser = argparse.ArgumentParser(description="collect random-motion episodes")
    parser.add_argument("--episodes", type=int, required=True)
    parser.add_argument("--frames", type=int, default=16, help="frames an episode")
    parser.add_argument("--size", type=int, default=128, help="edge of a frame in pixels")
    parser.add_argument("--seed", type=int, default=0, help="0 to 99999")
    parser.add_argument("--out", type=Path, required=True, help="folder of the shards")
    parser.add_argument("--workers", type=int, default=1)
    options = vars(parser.parse_args(arguments))
    workers = options.pop("workers")
    try:
        collection = Collection(**options)
    except ValueError as reason:
        parser.error(str(reason))
    # llvmpipe starts one thread per core in each worker; the workers already fill the cores.
    os.environ.setdefault("LP_NUM_THREADS", "1" if workers > 1 else "2")
    collect(collection, workers)


if __name__ == "__main__":
    main()
