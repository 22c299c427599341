"""The 1 kHz loop of franky-sim on a thread of its own, with a way to do things between steps."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from franky_sim.simulation_server import SimulationServer

T = TypeVar("T")


class SimulationStoppedError(RuntimeError):
    """The simulation's loop has ended, so nothing can be asked of it any more."""


class SimulationThread:
    """Runs a `SimulationServer` in real time until closed; a context manager."""

    def __init__(self, server: SimulationServer) -> None:
        self._server = server
        self._jobs: SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = SimpleQueue()
        self._closing = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="simulation", daemon=True)

    def __enter__(self) -> SimulationThread:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join()

    def between_steps(self, job: Callable[[], T]) -> T:
        """Run a short job while the simulation stands still; returns its result or raises.

        Only there may the simulator's model and data be touched. Raises SimulationStoppedError.
        """
        if not self._thread.is_alive():
            raise SimulationStoppedError("the simulation has stopped") from self._failure
        future: Future[T] = Future()
        self._jobs.put((job, future))
        while True:
            try:
                return future.result(timeout=1.0)
            except TimeoutError:
                if not self._thread.is_alive():
                    raise SimulationStoppedError("the simulation has stopped") from self._failure

    def wait_steps(self, steps: int) -> None:
        """Let the simulation go on for a number of steps of 1 ms."""
        for _ in range(steps):
            self.between_steps(lambda: None)

    def _run(self) -> None:
        try:
            while not self._closing.is_set():
                self._do_one_job()
                self._server.run_once()
        except BaseException as failure:
            self._failure = failure
            raise

    def _do_one_job(self) -> None:
        try:
            job, future = self._jobs.get_nowait()
        except Empty:
            return
        try:
            future.set_result(job())
        except Exception as failure:
            future.set_exception(failure)
