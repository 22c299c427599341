"""Filling the cache of features: decoding in worker processes, encoding here."""

import logging
import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from rich.progress import track
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from vjepa2_data import BrokenEpisodeError, Index, open_episode, stride
from vjepa2_models.dimensions import Dimensions
from vjepa2_models.encoder import Encoder
from vjepa2_models.fast_dtype import fast_dtype
from vjepa2_models.preprocessing import preprocess
from vjepa2_models.training.clips.feature_cache import BROKEN, DONE, WAITING, FeatureCache, Rows
from vjepa2_models.training.clips.video_clips import needed_extrinsics
from vjepa2_models.training.engine import fingerprints
from vjepa2_models.training.engine.processes import Processes
from vjepa2_models.training.engine.progress import CONSOLE
from vjepa2_models.world_model import encode_stills

log = logging.getLogger(__name__)

FLUSH_EVERY = 200
"""Chunks between two moments at which what is done is safe on disk."""


def cached_features(
    index: Index,
    fps: float,
    encoder: Encoder,
    folder: Path,
    processes: Processes,
    workers: int,
) -> FeatureCache:
    """The features of an index, encoded now if this folder does not have them yet.

    Frames are cropped as at inference. What was encoded before an interruption is kept. The
    processes share the work; on several machines `folder` must be one that all of them see.

    Args:
        index: the episodes.
        fps: of the clips: one frame in every stride is kept.
        encoder: frozen, on the processes' device.
        folder: where caches are kept, each under the hash of all that it follows from.
        processes: this one among all.
        workers: processes that decode.

    Raises:
        OSError: if the disk has not enough space.
    """
    name = fingerprints.of_values(
        fingerprints.of_weights(encoder),
        fingerprints.of_index(index),
        fps,
        encoder.dimensions.to_json(),
    )
    strides = [stride(episode.fps, fps) for episode in index.episodes]
    finished = FeatureCache(
        folder / name,
        tuple(-(-e.frames // s) for e, s in zip(index.episodes, strides, strict=True)),
        encoder.dimensions.tokens,
        encoder.dimensions.encoder.embed_dim,
        encoder.dimensions.ac_predictor.use_extrinsics,
    )
    if not finished.folder.exists():
        partial = replace(finished, folder=finished.folder.with_suffix(".partial"))
        if processes.first:
            _make_files(partial)
        processes.wait_for_all()
        _fill(partial, index, strides, encoder, processes, workers)
        processes.wait_for_all()
        if processes.first:
            partial.folder.replace(finished.folder)
        processes.wait_for_all()
    if broken := finished.broken():
        names = ", ".join(index.episodes[i].name for i in broken[:5])
        log.warning("%d episodes can't be read and are left out: %s", len(broken), names)
    return finished


def _make_files(cache: FeatureCache) -> None:
    cache.folder.mkdir(parents=True, exist_ok=True)
    there = sum(file.stat().st_blocks * 512 for file in cache.folder.iterdir())
    free, needed = shutil.disk_usage(cache.folder).free, cache.bytes - there
    if free < needed:
        raise OSError(
            f"the features need {needed / 1e9:.1f} GB more and {cache.folder.parent} has "
            f"{free / 1e9:.1f} GB left: free some, or set feature_folder to another disk"
        )
    log.info("features of %d frames: %.2f GB", cache.offsets[-1], cache.bytes / 1e9)
    for name in cache.files:
        path = cache.folder / f"{name}.bin"
        if not path.exists():
            cache.array(name, "w+").flush()
        # Claimed now: on a full disk, writing to a hole of a mapped file kills the process.
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)


def _fill(
    cache: FeatureCache,
    index: Index,
    strides: Sequence[int],
    encoder: Encoder,
    processes: Processes,
    workers: int,
) -> None:
    arrays = {name: cache.array(name, "r+") for name in cache.files}
    todo = np.flatnonzero(arrays["marks"] == WAITING)[processes.rank :: processes.world].tolist()
    loader: DataLoader[tuple[int, dict[str, Tensor]]] = DataLoader(
        _Chunks(cache, index, strides, encoder.dimensions, todo),
        batch_size=None,
        num_workers=workers,
    )
    marks: dict[int, int] = {}
    for chunk, rows in track(
        loader, "encoding frames", len(todo), console=CONSOLE, disable=not processes.first
    ):
        if rows:
            episode, start, end = cache.chunks[chunk]
            where = slice(cache.offsets[episode] + start, cache.offsets[episode] + end)
            images = rows.pop("images").to(processes.device)
            arrays["features"][where] = _encode(encoder, images).cpu().numpy()
            for name, values in rows.items():
                arrays[name][where] = values.numpy()
        marks[chunk] = DONE if rows else BROKEN
        if len(marks) == FLUSH_EVERY:
            _keep(arrays, marks)
    _keep(arrays, marks)


def _keep(arrays: dict[str, Rows], marks: dict[int, int]) -> None:
    """Marks chunks once their features are safe: never the other way round."""
    for name in sorted(arrays, key="marks".__eq__):
        if name == "marks":
            for chunk, mark in marks.items():
                arrays[name][chunk] = mark
        arrays[name].flush()
    marks.clear()


@torch.inference_mode()
def _encode(encoder: Encoder, images: Tensor) -> Tensor:
    fast = fast_dtype(images.device) is torch.bfloat16
    with torch.autocast(images.device.type, torch.bfloat16, enabled=fast):
        return encode_stills(encoder, images).half()


class _Chunks(Dataset[tuple[int, dict[str, Tensor]]]):
    """Network inputs and states of a chunk; nothing of one that can't be read."""

    def __init__(
        self,
        cache: FeatureCache,
        index: Index,
        strides: Sequence[int],
        dimensions: Dimensions,
        todo: Sequence[int],
    ) -> None:
        self.cache, self.index, self.strides = cache, index, strides
        self.dimensions, self.todo = dimensions, todo

    def __len__(self) -> int:
        return len(self.todo)

    def __getitem__(self, item: int) -> tuple[int, dict[str, Tensor]]:
        chunk = self.todo[item]
        number, start, end = self.cache.chunks[chunk]
        episode, step = self.index.episodes[number], self.strides[number]
        try:
            with open_episode(self.index.root, episode) as reader:
                clip = reader.read(range(start * step, (end - 1) * step + 1, step))
            sizes = self.dimensions
            rows = {
                "images": preprocess(torch.from_numpy(clip.frames), sizes.img_size, sizes.crop),
                "states": torch.from_numpy(clip.states),
            }
            if self.cache.extrinsics:
                known = needed_extrinsics(clip.extrinsics, episode.name)
                rows["extrinsics"] = torch.from_numpy(known)
        except BrokenEpisodeError as error:
            log.warning("%s is left out: %s", episode.name, error)
            return chunk, {}
        return chunk, rows
