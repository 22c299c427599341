"""Process that simulates, serves franky and renders: `python -m vjepa2_sim.server`.

It speaks over stdin and stdout: each request is one line of JSON, each answer one line of JSON,
followed by `bytes` raw bytes where it says so. The first line in is what `LiveTable` takes,
`{"scene": ..., "hostname": ...}`; the first line out is `{"hostname": ...}` or `{"error": ...}`.
It ends when stdin ends, and so never outlives the process that started it.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any, BinaryIO

from vjepa2_sim.live_table import LiveTable
from vjepa2_sim.scene_json import (
    camera_from_json,
    lighting_from_json,
    objects_from_json,
    scene_from_json,
)

logger = logging.getLogger(__name__)


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests until they end."""
    with ExitStack() as stack:
        try:
            start = json.loads(requests.readline() or "{}")
            scene = scene_from_json(start.get("scene", {}))
            table = stack.enter_context(LiveTable(scene, start.get("hostname", "")))
        except Exception as failure:
            logger.exception("cannot start")
            _send(answers, {"error": f"{type(failure).__name__}: {failure}"})
            return
        _send(answers, {"hostname": table.hostname})
        for line in requests:
            try:
                header, raw = _answer(table, json.loads(line))
            except Exception as failure:
                logger.exception("request failed: %s", line[:200])
                header, raw = {"error": f"{type(failure).__name__}: {failure}"}, b""
            _send(answers, header, raw)


def _answer(table: LiveTable, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    match request.get("do"):
        case "capture":
            frame = table.capture(int(request["size"]))
            shape = frame.image.shape
            return {"stamp": frame.stamp, "shape": shape, "bytes": frame.image.nbytes}, (
                frame.image.tobytes()
            )
        case "true_state":
            return _plain(asdict(table.true_state())), b""
        case "reset":
            table.reset(
                request["joints"],
                float(request["gripper_width"]),
                camera_from_json(request["camera"]),
                lighting_from_json(request["lighting"]),
                objects_from_json(request["objects"]),
                bool(request["holds"]),
            )
            return {}, b""
        case unknown:
            raise ValueError(f"unknown request {unknown!r}: capture, true_state or reset")


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    """The same with lists in place of arrays."""
    return {
        name: _plain(value)
        if isinstance(value, dict)
        else value.tolist()
        if hasattr(value, "tolist")
        else value
        for name, value in fields.items()
    }


def _send(answers: BinaryIO, header: dict[str, Any], raw: bytes = b"") -> None:
    answers.write(json.dumps(header).encode() + b"\n" + raw)
    answers.flush()


def _die_with(parent: int) -> None:
    """End this process once its parent has gone, even if another still holds stdin open."""
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)


def main() -> None:
    """Serve on the process's own stdin and stdout."""
    logging.basicConfig(level=logging.WARNING)
    sys.setswitchinterval(0.0005)  # a busy thread may hold up the 1 kHz loop no longer than this
    # What libraries print must not get between the answers: stdout becomes stderr for them.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    threading.Thread(target=_die_with, args=(os.getppid(),), daemon=True).start()
    try:
        serve(sys.stdin.buffer, answers)
    except (BrokenPipeError, KeyboardInterrupt):
        logger.info("nobody is listening any more")
    # Neither a thread nor a driver of the GPU may keep this process alive.
    os._exit(0)


if __name__ == "__main__":
    main()
