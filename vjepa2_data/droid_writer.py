"""Writing an episode in DROID's raw layout."""

from __future__ import annotations

import json
import shutil
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import h5py
import numpy as np
from numpy.typing import NDArray

from vjepa2_data.droid_layout import (
    CARTESIAN_POSITION,
    GRIPPER_POSITION,
    TRAJECTORY,
    VIDEOS,
    extrinsics_key,
)
from vjepa2_data.recording import Recording


def write_episode(recording: Recording, folder: Path) -> None:
    """Write an episode to `folder`, which must not exist yet; all of it or nothing.

    The recording's camera becomes the "left" view. Its metadata go into the JSON file beside what
    the layout needs. States come back exactly, pictures within compression (H.264, crf 14).
    FileExistsError if the folder exists; OSError, naming the folder, if the disk is full.
    """
    if folder.exists():
        raise FileExistsError(f"{folder} exists already; episodes are never overwritten")
    files = {
        TRAJECTORY: _trajectory(recording),
        f"{VIDEOS}/{recording.camera}.mp4": encode_video(recording.frames, recording.fps),
        f"metadata_{folder.name}.json": _metadata(recording, folder.name),
    }
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        for name, content in files.items():
            (partial / name).parent.mkdir(parents=True, exist_ok=True)
            (partial / name).write_bytes(content)
        partial.rename(folder)
    except OSError as fault:
        why = fault.strerror or str(fault)
        raise OSError(fault.errno, f"can't write episode {folder}: {why}") from fault
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def encode_video(frames: NDArray[np.uint8], fps: float) -> bytes:
    """An MP4 file of frames uint8 [T,H,W,3] RGB, H and W even."""
    file = BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1001))
        # Full-resolution chroma: halved, an object of 8 pixels loses a tenth of its colour.
        stream.height, stream.width, stream.pix_fmt = *frames.shape[1:3], "yuv444p"
        # A key frame every half second, at least every 4 frames, makes any clip cheap to reach.
        group = max(4, round(fps / 2))
        stream.options = {"crf": "14", "bf": "0", "g": str(group), "threads": "1"}
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())
    return file.getvalue()


def _trajectory(recording: Recording) -> bytes:
    states = recording.states.astype(np.float64)
    file = BytesIO()
    with h5py.File(file, "w") as trajectory:
        trajectory[CARTESIAN_POSITION] = states[:, :6]
        trajectory[GRIPPER_POSITION] = states[:, 6]
        if recording.extrinsics is not None:
            extrinsics = recording.extrinsics.astype(np.float64)
            trajectory[extrinsics_key(recording.camera)] = extrinsics
    return file.getvalue()


def _metadata(recording: Recording, name: str) -> bytes:
    video = f"{name}/{VIDEOS}/{recording.camera}.mp4"
    layout = {
        "uuid": name,
        "trajectory_length": len(recording.frames),
        "ext1_cam_serial": recording.camera,
        "ext1_mp4_path": video,
        "left_mp4_path": video,
    }
    return json.dumps({**recording.metadata, **layout}, indent=1).encode()
