"""A simulated table in a process of its own."""

from __future__ import annotations

import json
import select
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vjepa2_sim.camera_placement import CameraPlacement
from vjepa2_sim.frame import Frame, ObjectState, TrueState
from vjepa2_sim.scene import Lighting, TableObject, TableScene


class SimulationError(RuntimeError):
    """The simulation's process did not start, has died or refused a request."""


class SimulationLostError(SimulationError):
    """The process has died or no longer answers: only another one can help."""


class SimulatedTable:
    """Starts `python -m vjepa2_sim.server` and talks to it; a context manager.

    The process simulates in real time, renders, and serves franky at `hostname`: the address
    given, or one that is free. It dies with this one, however this one ends. Use it from one
    thread at a time. All methods raise SimulationError.
    """

    def __init__(
        self, scene: TableScene | None = None, timeout_s: float = 60.0, hostname: str = ""
    ) -> None:
        self._scene = TableScene() if scene is None else scene
        self._timeout_s = timeout_s
        self._process: subprocess.Popen[bytes] | None = None
        self._received = b""
        self.hostname = hostname

    def __enter__(self) -> SimulatedTable:
        self._log = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "vjepa2_sim.server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            # Ctrl-C goes to this process alone, which then ends the simulation in order.
            start_new_session=True,
            bufsize=0,
        )
        try:
            start = {"scene": asdict(self._scene), "hostname": self.hostname}
            self.hostname = self._request(start)["hostname"]
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """Process id of the simulation."""
        return self._running().pid

    def capture(self, size: int = 256) -> Frame:
        """Picture of the table as it is now, `size` pixels square."""
        header = self._request({"do": "capture", "size": size})
        raw = self._read(header["bytes"])
        image = np.frombuffer(raw, dtype=np.uint8).reshape(header["shape"])
        return Frame(image.copy(), header["stamp"])

    def true_state(self) -> TrueState:
        """The arm as the simulator knows it: for scoring, never for control."""
        fields = self._request({"do": "true_state"})
        return TrueState(
            np.array(fields["joints"]),
            np.array(fields["position"]),
            fields["gripper_width"],
            fields["stamp"],
            {
                name: ObjectState(np.array(of["position"]), of["touched"], of["held"])
                for name, of in fields["objects"].items()
            },
        )

    def reset(
        self,
        joints: Sequence[float] | NDArray[np.float64],
        gripper_width: float = 0.08,
        camera: CameraPlacement | None = None,
        lighting: Lighting | None = None,
        objects: Sequence[TableObject] | None = None,
        holds: bool = False,
    ) -> None:
        """Put arm [7] rad, gripper [m], camera, light and objects into place; takes 0.6 s.

        Camera, light and objects go back to the scene's own where none is given; see
        `LiveTable.reset`. The arm must stand still.
        """
        self._request(
            {
                "do": "reset",
                "joints": [float(angle) for angle in joints],
                "gripper_width": gripper_width,
                "camera": asdict(self._scene.camera if camera is None else camera),
                "lighting": asdict(Lighting() if lighting is None else lighting),
                "objects": None if objects is None else [asdict(thing) for thing in objects],
                "holds": holds,
            }
        )

    def close(self) -> None:
        """End the simulation; safe to call twice."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None and process.stdout is not None
        process.stdin.close()
        try:
            process.wait(timeout=5.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        self._log.close()

    def _request(self, request: dict[str, Any]) -> dict[str, Any]:
        stdin = self._running().stdin
        assert stdin is not None
        try:
            stdin.write(json.dumps(request).encode() + b"\n")
        except BrokenPipeError:
            raise SimulationLostError(f"the simulation has died: {self._last_words()}") from None
        answer: dict[str, Any] = json.loads(self._read_line())
        if "error" in answer:
            raise SimulationError(f"the simulation refused: {answer['error']}")
        return answer

    def _read_line(self) -> bytes:
        while b"\n" not in self._received:
            self._receive()
        line, _, self._received = self._received.partition(b"\n")
        return line

    def _read(self, count: int) -> bytes:
        while len(self._received) < count:
            self._receive()
        raw, self._received = self._received[:count], self._received[count:]
        return raw

    def _receive(self) -> None:
        stdout = self._running().stdout
        assert stdout is not None
        if not select.select([stdout], [], [], self._timeout_s)[0]:
            words = self._last_words()
            self.close()  # a late answer would be taken for the next one's
            raise SimulationLostError(
                f"the simulation gave no answer within {self._timeout_s} s: {words}"
            )
        chunk = stdout.read(1 << 20)
        if not chunk:
            raise SimulationLostError(f"the simulation has died: {self._last_words()}")
        self._received += chunk

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise SimulationLostError("the simulation is not running: start it with `with`")
        return self._process

    def _last_words(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-2000:].strip() or "it left no message"
