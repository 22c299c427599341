"""A lifecycle node whose long work is done on threads of its own, never in a callback."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from rclpy.callback_groups import MutuallyExclusiveCallbackGroup, ReentrantCallbackGroup
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.task import Future

from vjepa2_node.diagnostics import Diagnostics, Health
from vjepa2_node.parameters import Parameter, Parameters, Values

T = TypeVar("T")


class ManagedNode(LifecycleNode):
    """Base of this stack's nodes.

    Override `configure`, `activate`, `deactivate` and `cleanup`, which raise an exception to
    refuse; its message is logged, and the node stays where it was. `cleanup` is also called at
    the end, whatever the state, and must be safe after a `configure` that failed half-way.

    quick: callback group of callbacks that return at once. waiting: of those that await work.
    """

    def __init__(
        self,
        name: str,
        parameters: Sequence[Parameter],
        check: Callable[[Values], object] = lambda values: None,
        workers: int = 1,
        **options: Any,
    ) -> None:
        """Raises ParameterError for a parameter value that is not allowed."""
        super().__init__(name, **options)
        self.quick = MutuallyExclusiveCallbackGroup()
        self.waiting = ReentrantCallbackGroup()
        self.is_configured = False
        self.is_active = False
        self.parameters = Parameters(self, parameters, check, frozen=lambda: self.is_configured)
        self._workers = ThreadPoolExecutor(workers, thread_name_prefix=name)
        Diagnostics(self, self.quick, self._health)

    def configure(self) -> None:
        """Get hold of what the node needs."""

    def activate(self) -> None:
        """Start to work."""

    def deactivate(self) -> None:
        """Stop working; nothing is released."""

    def cleanup(self) -> None:
        """Release everything."""

    def health(self) -> Health:
        """For `/diagnostics`, while active; must return at once."""
        return Health()

    def submit(self, work: Callable[[], T]) -> Future:
        """Do `work` on a worker thread; the future can be awaited in an `async` callback."""
        future = Future()
        # A task that awaits is looked at again only when its executor wakes up.
        future.add_done_callback(lambda _: self._wake())

        def carry_out() -> None:
            try:
                result = work()
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(result)

        self._workers.submit(carry_out)
        return future

    def log_end(self, text: str, fault: bool) -> None:
        """Log how a request ended: a fault as a warning."""
        # Two lines of code, as rclpy raises where one line logs at two severities.
        if fault:
            self.get_logger().warning(text)
        else:
            self.get_logger().info(text)

    def close(self) -> None:
        """Let go of everything and end the worker threads; safe to call twice."""
        self._release()
        self._workers.shutdown(wait=True, cancel_futures=True)

    def destroy_node(self) -> None:
        """Take the node off the graph, its life cycle services too.

        rclpy leaves those to the garbage collector, so that they would be found, and answer
        nobody, for as long as anything in the process still holds the node.
        """
        self._state_machine.destroy_when_not_in_use()
        super().destroy_node()

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        result = self._attempt(self.configure)
        self.is_configured = result is TransitionCallbackReturn.SUCCESS
        if not self.is_configured:
            self.cleanup()
        return result

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        result = self._attempt(self.activate)
        self.is_active = result is TransitionCallbackReturn.SUCCESS
        return super().on_activate(state) if self.is_active else result

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        self.is_active = False
        self._attempt(self.deactivate)
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        self._release()
        return TransitionCallbackReturn.SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        self._release()
        return TransitionCallbackReturn.SUCCESS

    def _health(self) -> Health:
        return self.health() if self.is_active else Health(warning="the node is not active")

    def _release(self) -> None:
        if self.is_active:
            self.is_active = False
            self._attempt(self.deactivate)
        self.is_configured = False
        self._attempt(self.cleanup)

    def _attempt(self, step: Callable[[], None]) -> TransitionCallbackReturn:
        try:
            step()
        except Exception as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            self.get_logger().error(f"{step.__name__}: {reason}")
            return TransitionCallbackReturn.FAILURE
        return TransitionCallbackReturn.SUCCESS

    def _wake(self) -> None:
        if self.executor is not None:
            self.executor.wake()
