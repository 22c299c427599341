"""Calls from a worker thread that wait for their answer. Never use them in a callback."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import Any

from rclpy.client import Client
from rclpy.context import Context
from rclpy.task import Future

LOOK_FOR_SERVER = 0.05  # s; discovery has no event to wait for


class NoAnswerError(RuntimeError):
    """Nobody answered in time; the message names who and for how long."""


def call(
    client: Client,
    request: Any,
    timeout: float,
    interrupted: Callable[[], bool] = lambda: False,
    ask_again: float = math.inf,
) -> Any:
    """The response of a service; raises NoAnswerError after `timeout` seconds.

    It ends early, with NoAnswerError, once `interrupted` is true. Right after discovery an answer
    can get lost: what may be served twice is asked again after `ask_again` seconds, then after
    twice as long each time. The first answer counts.
    """
    if not is_found(client, timeout):
        raise NoAnswerError(f"service {client.srv_name} is not there ({timeout:g} s waited)")
    asked: list[Future] = []
    answered = threading.Event()
    next_time, pause = time.monotonic(), ask_again

    def ask_if_due() -> None:
        nonlocal next_time, pause
        if time.monotonic() >= next_time:
            future = client.call_async(request)
            future.add_done_callback(lambda _: answered.set())
            asked.append(future)
            next_time, pause = time.monotonic() + pause, 2 * pause

    ask_if_due()
    try:
        _wait(answered, timeout, f"service {client.srv_name}", interrupted, ask_if_due)
        return next(future.result() for future in asked if future.done())
    finally:
        for future in asked:
            client.remove_pending_request(future)


def is_found(client: Client, timeout: float) -> bool:
    """Whether the service's server was there at a time within the next `timeout` seconds."""
    return is_ready_within(timeout, client.service_is_ready, client.context)


def is_ready_within(timeout: float, is_ready: Callable[[], bool], context: Context) -> bool:
    """Whether a server was ready at a time within the next `timeout` seconds.

    While another server of its name comes or goes, even a healthy one is not ready for some
    milliseconds. rclpy's own waits look twice, and take it for missing where that begins between.
    """
    deadline = time.monotonic() + timeout
    while not is_ready():
        if time.monotonic() >= deadline or not context.ok():
            return False
        time.sleep(LOOK_FOR_SERVER)
    return True


def result_of(
    future: Future,
    timeout: float,
    who: str,
    interrupted: Callable[[], bool] = lambda: False,
) -> Any:
    """Result of a future that an executor on another thread completes; NoAnswerError if late."""
    done = threading.Event()
    future.add_done_callback(lambda _: done.set())
    _wait(done, timeout, who, interrupted)
    return future.result()


def _wait(
    done: threading.Event,
    timeout: float,
    who: str,
    interrupted: Callable[[], bool],
    meanwhile: Callable[[], None] = lambda: None,
) -> None:
    deadline = time.monotonic() + timeout
    while not done.wait(min(0.1, max(deadline - time.monotonic(), 0.0))):
        if interrupted():
            raise NoAnswerError(f"{who} was no longer waited for")
        if time.monotonic() >= deadline:
            raise NoAnswerError(f"{who} gave no answer within {timeout:g} s")
        meanwhile()
