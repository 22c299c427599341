"""How fast clips come off the disk: `python benchmarks/data_reader.py --json FILE`.

Writes episodes as the simulator's (H.264) and as DROID's (MPEG-4) to a temporary folder and reads
clips of 8 frames at 4 fps from random places, each with its episode opened anew, as a training
does. Files are in the page cache: this is the time of decoding, not of a disk. All figures are of
one run on one machine.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from vjepa2_data import Recording, open_episode, read_index, stride, write_episode
from vjepa2_data.droid_layout import VIDEOS

EPISODES = 8
CLIP_FRAMES = 8
CLIP_FPS = 4.0


@dataclass(frozen=True)
class Kind:
    """Episodes of one kind."""

    name: str
    width: int
    height: int
    fps: int
    frames: int
    mpeg4: bool


KINDS = (
    Kind("simulator, 128 x 128", 128, 128, 4, 32, False),
    Kind("DROID, 320 x 180", 320, 180, 15, 150, True),
    Kind("DROID, 1280 x 720", 1280, 720, 15, 150, True),
)


@dataclass(frozen=True)
class Result:
    """Clips read a second, all workers together; CPU time holds on a busy machine too."""

    kind: str
    workers: int
    clips: int
    clips_per_second: float
    cpu_seconds_per_clip: float


def write_episodes(root: Path, kind: Kind, seed: int) -> None:
    """Episodes of a noisy picture that drifts, so that there is something to decode."""
    rng = np.random.default_rng(seed)
    for number in range(EPISODES):
        coarse = rng.integers(0, 255, (kind.height // 10 + 1, kind.width // 10 + 1, 3))
        scene = np.kron(coarse, np.ones((10, 10, 1)))[: kind.height, : kind.width]
        scene = np.clip(scene + rng.normal(0, 4, scene.shape), 0, 255).astype(np.uint8)
        frames = np.stack([np.roll(scene, step, axis=1) for step in range(kind.frames)])
        folder = root / f"{number}"
        write_episode(Recording(frames, np.zeros((kind.frames, 7)), float(kind.fps)), folder)
        if kind.mpeg4:
            encode_mpeg4(folder / VIDEOS / "external.mp4", frames, kind)


def encode_mpeg4(path: Path, frames: NDArray[np.uint8], kind: Kind) -> None:
    """A video as DROID's were made of the cameras' own recordings."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=kind.fps)
        stream.width, stream.height, stream.pix_fmt = kind.width, kind.height, "yuv420p"
        stream.bit_rate = kind.width * kind.height * kind.fps // 4
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())


def read_clips(root: Path, seconds: float, seed: int) -> tuple[int, float, float]:
    """Clips read in about `seconds`; the seconds that it took, and those of the CPU."""
    rng = np.random.default_rng(seed)
    index = read_index(root)
    clips, start, cpu_start = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - start < seconds:
        episode = index.episodes[rng.integers(len(index))]
        step = stride(episode.fps, CLIP_FPS)
        first = rng.integers(episode.frames - (CLIP_FRAMES - 1) * step)
        with open_episode(root, episode) as reader:
            reader.read(range(first, first + CLIP_FRAMES * step, step))
        clips += 1
    return clips, time.perf_counter() - start, time.process_time() - cpu_start


def measure(root: Path, kind: Kind, workers: int, seconds: float, seed: int) -> Result:
    """Clips a second of `workers` processes at the same time."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        # Imports and the first files are not what is measured.
        [*pool.map(read_clips, [root] * workers, [0.5] * workers, range(workers))]
        seeds = range(seed, seed + workers)
        read = [*pool.map(read_clips, [root] * workers, [seconds] * workers, seeds)]
    clips = sum(clips for clips, _, _ in read)
    rate = sum(clips / spent for clips, spent, _ in read)
    return Result(kind.name, workers, clips, rate, sum(cpu for _, _, cpu in read) / clips)


def main() -> None:
    """Command line of the benchmark."""
    parser = argparse.ArgumentParser(description="clips a second of the data reader")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="file for the figures")
    options = parser.parse_args()
    results = []
    table = Table(
        "episodes", "workers", "clips/s", "CPU ms/clip", title="clips of 8 frames at 4 fps"
    )
    for kind in KINDS:
        with TemporaryDirectory() as folder:
            write_episodes(Path(folder), kind, options.seed)
            read_index(Path(folder))
            for workers in options.workers:
                result = measure(Path(folder), kind, workers, options.seconds, options.seed)
                rate, cpu = result.clips_per_second, 1e3 * result.cpu_seconds_per_clip
                table.add_row(kind.name, str(workers), f"{rate:.0f}", f"{cpu:.1f}")
                results.append(result)
                print(f"{kind.name}, {workers} workers: done", file=sys.stderr)
    Console().print(table)
    if options.json:
        figures = {"cpus": os.cpu_count(), "results": [asdict(result) for result in results]}
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
