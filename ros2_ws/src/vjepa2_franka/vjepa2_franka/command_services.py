"""The services of the bridge: home, jog, set_gripper, stop, recover."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vjepa2_franka import arm_commands
from vjepa2_franka.commander import Commander
from vjepa2_msgs.msg import MotionCode as MotionCodeMessage
from vjepa2_msgs.srv import Jog, MoveHome, Recover, SetGripper, StopMotion
from vjepa2_node import names
from vjepa2_node.managed_node import ManagedNode
from vjepa2_robot.arm_driver import RobotMode


class CommandServices:
    """Each is answered from a worker thread, so that `stop` is heard while a motion runs."""

    def __init__(self, node: ManagedNode, commander: Commander) -> None:
        self._node = node
        self._commander = commander
        self._serve(MoveHome, names.HOME, self._home)
        self._serve(Jog, names.JOG, self._jog)
        self._serve(SetGripper, names.SET_GRIPPER, self._set_gripper)
        self._serve(StopMotion, names.STOP, self._stop)
        self._serve(Recover, names.RECOVER, self._recover)

    def _serve(self, kind: Any, name: str, answer: Callable[[Any], Any]) -> None:
        async def callback(request: Any, _: Any) -> Any:
            return await self._node.submit(lambda: answer(request))

        self._node.create_service(kind, name, callback, callback_group=self._node.waiting)

    def _home(self, _: MoveHome.Request) -> MoveHome.Response:
        joints = self._node.parameters["home_joints"]
        report = self._commander.move(names.HOME, lambda arm: arm_commands.move_home(arm, joints))
        return MoveHome.Response(report=report)

    def _jog(self, request: Jog.Request) -> Jog.Response:
        report = self._commander.move(
            names.JOG, lambda arm: arm.execute(request.delta, by_hand=True), request.delta
        )
        return Jog.Response(report=report)

    def _set_gripper(self, request: SetGripper.Request) -> SetGripper.Response:
        report = self._commander.move(
            names.SET_GRIPPER, lambda arm: arm.set_gripper(request.closedness)
        )
        return SetGripper.Response(report=report)

    def _stop(self, _: StopMotion.Request) -> StopMotion.Response:
        code, message = self._commander.act(names.STOP, arm_commands.stop)
        return StopMotion.Response(code=MotionCodeMessage(code=int(code)), message=message)

    def _recover(self, _: Recover.Request) -> Recover.Response:
        code, message = self._commander.act(names.RECOVER, arm_commands.recover)
        arm = self._commander.arm
        mode = RobotMode.DISCONNECTED if arm is None else arm.mode()
        return Recover.Response(
            code=MotionCodeMessage(code=int(code)), message=message, mode=int(mode)
        )
