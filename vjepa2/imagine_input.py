"""The motions that `vjepa2 imagine` can look at: recorded, of an .npz file, or simulated."""

from __future__ import annotations

import argparse
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from vjepa2.landscape_camera import parse_extrinsics
from vjepa2.trajectory import Trajectory, read_trajectory
from vjepa2_data import open_episode, read_index, stride

FPS = 4.0
"""Of the clips that the world model is trained on (paper, section 3.1)."""


def check_options(options: argparse.Namespace) -> None:
    """ValueError where the command line names no motion, or more than one."""
    if options.start < 0 or options.steps < 1:
        raise ValueError("--start must be at least 0 and --steps at least 1")
    given = [name for name in ("data", "npz", "seed") if getattr(options, name) is not None]
    if len(given) != 1:
        raise ValueError("give one of --data, --npz and --seed")
    if options.episode is not None and options.data is None:
        raise ValueError("--episode is one of --data; give that folder too")
    if options.extrinsics is not None and options.npz is None:
        raise ValueError(
            "--extrinsics belongs to --npz; recorded and simulated motions have theirs"
        )
    if options.seed is not None and options.seed < 0:
        raise ValueError(f"--seed must be at least 0, not {options.seed}")


def read_motion(options: argparse.Namespace, picture_size: int) -> Trajectory:
    """The motion that checked options name, at most `options.steps` steps of it."""
    if options.data is not None:
        return recorded(options.data, options.episode, options.start, options.steps)
    if options.npz is not None:
        motion = cut(read_trajectory(options.npz), options.start, options.steps)
        pose = parse_extrinsics(options.extrinsics)
        return (
            motion
            if pose is None
            else replace(motion, extrinsics=pose.repeat(len(motion.states), 1))
        )
    return cut(
        simulated(options.seed, options.start + options.steps + 1, picture_size),
        options.start,
        options.steps,
    )


def recorded(root: Path, name: str | None, start: int, steps: int) -> Trajectory:
    """Part of an episode of a data set, at 4 frames a second; its first one if `name` is None.

    Raises ValueError for a name that is not there and for a start too close to the end.
    """
    episodes = {episode.name: episode for episode in read_index(root).episodes}
    if name is None:
        name = next(iter(episodes))
    if name not in episodes:
        raise ValueError(
            f"no episode {name!r} in {root}; the first ones: {', '.join([*episodes][:5])}"
        )
    episode = episodes[name]
    apart = stride(episode.fps, FPS)
    frames = range(0, episode.frames, apart)[start : start + steps + 1]
    _check_length(len(frames), name, start)
    with open_episode(root, episode) as reader:
        clip = reader.read(frames)
    extrinsics = None if clip.extrinsics is None else torch.as_tensor(clip.extrinsics)
    return Trajectory(clip.frames, torch.as_tensor(clip.states), name, extrinsics)


def simulated(seed: int, frames: int, picture_size: int) -> Trajectory:
    """A simulated episode, as the collector makes them; seeds from 100000 on are unseen."""
    # Rendering takes a while to import, and a window system or EGL.
    from vjepa2_sim.episode import Collector
    from vjepa2_sim.simulated_recording import camera_pose

    with closing(Collector(picture_size)) as collector:
        episode = collector.episode(np.random.default_rng([seed, 0]), frames)
    states = torch.as_tensor(episode.states, dtype=torch.float32)
    pose = torch.as_tensor(camera_pose(episode.camera), dtype=torch.float32)
    name = f"seed {seed} ({episode.kind})"
    return Trajectory(episode.frames, states, name, pose.repeat(len(states), 1))


def cut(whole: Trajectory, start: int, steps: int) -> Trajectory:
    """The part of `steps` steps from frame `start` on, or as many as there are."""
    _check_length(len(whole.frames) - start, whole.name, start)
    part = slice(start, start + steps + 1)
    extrinsics = None if whole.extrinsics is None else whole.extrinsics[part]
    return Trajectory(whole.frames[part], whole.states[part], whole.name, extrinsics)


def _check_length(left: int, name: str, start: int) -> None:
    if left < 2:
        raise ValueError(f"{name}: no step is left from frame {start} on; choose a lower --start")
