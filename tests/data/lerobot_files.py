"""LeRobot data sets whose pictures and states tell episode and frame."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

FPS = 10
KEY = "observation.images.exterior_1_left"
POSE, GRIPPER = "observation.state.cartesian_position", "observation.state.gripper_position"
EXTRINSICS = "camera_extrinsics.exterior_1_left"
LAYOUTS = ("v2.1", "v3.0")


@dataclass
class Dataset:
    """Episodes of the given lengths; episode e, frame i has state and picture of its own."""

    lengths: tuple[int, ...] = (12, 8, 15)
    states: dict[int, NDArray[np.float64]] = field(default_factory=dict)
    times: dict[int, NDArray[np.float64]] = field(default_factory=dict)

    def features(self) -> dict[str, Any]:
        number = {"dtype": "float32", "shape": [1], "names": None}
        return {
            POSE: {"dtype": "float32", "shape": [6], "names": None},
            GRIPPER: number,
            EXTRINSICS: {"dtype": "float32", "shape": [6], "names": None},
            "is_episode_successful": {"dtype": "bool", "shape": [1], "names": None},
            KEY: {"dtype": "video", "shape": [32, 48, 3]},
            "timestamp": number,
        }

    def rows(self, episode: int) -> dict[str, Any]:
        length = self.lengths[episode]
        states = self.states.get(episode, state(episode, np.arange(length)))
        times = self.times.get(episode, np.arange(length) / FPS)
        return {
            POSE: [row.astype(np.float32).tolist() for row in states[:, :6]],
            GRIPPER: states[:, 6].astype(np.float32).tolist(),
            EXTRINSICS: [[float(episode)] * 6] * length,
            "is_episode_successful": [episode != 1] * length,
            "timestamp": times.astype(np.float32).tolist(),
            "episode_index": [episode] * length,
        }

    def write(self, folder: Path, layout: str = "v2.1") -> Path:
        shared = layout == "v3.0"
        info = {
            "codebase_version": layout,
            "fps": FPS,
            "chunks_size": 1000,
            "features": self.features(),
            "data_path": "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
            if shared
            else "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet",
            "video_path": "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
            if shared
            else "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4",
        }
        (folder / "meta").mkdir(parents=True)
        (folder / "meta/info.json").write_text(json.dumps(info))
        (self._write_v3 if shared else self._write_v2)(folder)
        return folder

    def _write_v2(self, folder: Path) -> None:
        lines = []
        for episode, length in enumerate(self.lengths):
            write_table(
                folder / f"data/chunk-000/episode_{episode:06d}.parquet", [self.rows(episode)]
            )
            write_video(
                folder / f"videos/chunk-000/{KEY}/episode_{episode:06d}.mp4", [(episode, length)]
            )
            lines.append(json.dumps({"episode_index": episode, "tasks": [], "length": length}))
        (folder / "meta/episodes.jsonl").write_text("\n".join(lines) + "\n")

    def _write_v3(self, folder: Path) -> None:
        # The first two episodes share their files, as LeRobot packs them.
        files = [range(0, 2), range(2, len(self.lengths))]
        table: list[dict[str, Any]] = []
        for file, episodes in enumerate(files):
            write_table(
                folder / f"data/chunk-000/file-{file:03d}.parquet",
                [self.rows(episode) for episode in episodes],
            )
            write_video(
                folder / f"videos/{KEY}/chunk-000/file-{file:03d}.mp4",
                [(episode, self.lengths[episode]) for episode in episodes],
            )
            start = 0.0
            for episode in episodes:
                where = {"chunk_index": 0, "file_index": file}
                table.append(
                    {
                        "episode_index": episode,
                        "length": self.lengths[episode],
                        **{f"data/{name}": value for name, value in where.items()},
                        **{f"videos/{KEY}/{name}": value for name, value in where.items()},
                        f"videos/{KEY}/from_timestamp": start,
                    }
                )
                start += self.lengths[episode] / FPS
        path = folder / "meta/episodes/chunk-000/file-000.parquet"
        path.parent.mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(table), path)


def state(episode: int, frames: NDArray[np.int64]) -> NDArray[np.float64]:
    """States [T,7] that tell episode and frame."""
    rows = np.zeros((len(frames), 7))
    rows[:, 0], rows[:, 1], rows[:, 6] = episode, frames / 100, frames / 100
    return rows


def level(episode: int, frame: int) -> int:
    return 20 + 70 * (episode % 3) + 3 * frame


def write_table(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.concat_tables([pa.Table.from_pydict(part) for part in rows]), path)


def write_video(path: Path, parts: list[tuple[int, int]]) -> None:
    """Grey frames that tell episode and frame, one part after the other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.height, stream.width, stream.pix_fmt = 32, 48, "yuv420p"
        stream.options = {"g": "2", "threads": "1", "crf": "10"}
        for episode, length in parts:
            for frame in range(length):
                grey = np.full((32, 48, 3), level(episode, frame), dtype=np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
        container.mux(stream.encode())
