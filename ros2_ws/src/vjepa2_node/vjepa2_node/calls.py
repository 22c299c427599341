"""Calls from a worker thread that wait for their answer. Never use them in a callback."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from rclpy.client import Client
from rclpy.task import Future


class NoAnswerError(RuntimeError):
    """Nobody answered in time; the message names who and for how long."""


def call(
    client: Client,
    request: Any,
    timeout: float,
    interrupted: Callable[[], bool] = lambda: False,
) -> Any:
    """The response of a service; raises NoAnswerError after `timeout` seconds.

    It ends early, with NoAnswerError, once `interrupted` is true.
    """
    if not client.service_is_ready() and not client.wait_for_service(timeout):
        raise NoAnswerError(f"service {client.srv_name} is not there ({timeout:g} s waited)")
    future = client.call_async(request)
    try:
        return result_of(future, timeout, f"service {client.srv_name}", interrupted)
    except NoAnswerError:
        client.remove_pending_request(future)
        raise


def result_of(
    future: Future,
    timeout: float,
    who: str,
    interrupted: Callable[[], bool] = lambda: False,
) -> Any:
    """Result of a future that an executor on another thread completes; NoAnswerError if late."""
    done = threading.Event()
    future.add_done_callback(lambda _: done.set())
    deadline = time.monotonic() + timeout
    while not done.wait(min(0.1, max(deadline - time.monotonic(), 0.0))):
        if interrupted():
            raise NoAnswerError(f"{who} was no longer waited for")
        if time.monotonic() >= deadline:
            raise NoAnswerError(f"{who} gave no answer within {timeout:g} s")
    return future.result()
