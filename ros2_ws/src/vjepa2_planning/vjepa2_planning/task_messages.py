"""Tasks, their progress and their ends as messages."""

from __future__ import annotations

import math

from builtin_interfaces.msg import Time
from std_msgs.msg import Header

from vjepa2_msgs.action import RunTask
from vjepa2_msgs.msg import Outcome as OutcomeMessage
from vjepa2_msgs.msg import SubGoal as SubGoalMessage
from vjepa2_msgs.msg import TaskCode as TaskCodeMessage
from vjepa2_msgs.msg import TaskStatus
from vjepa2_planner.task import SubGoal
from vjepa2_planner.task_code import TaskCode
from vjepa2_planning.task_progress import TaskEnd, TaskProgress


def code_message(code: TaskCode) -> TaskCodeMessage:
    """A code."""
    return TaskCodeMessage(code=int(code))


def sub_goal_message(sub_goal: SubGoal) -> SubGoalMessage:
    """A sub-goal of a task file."""
    return SubGoalMessage(
        name=sub_goal.name,
        image="" if sub_goal.image is None else str(sub_goal.image),
        budget=sub_goal.steps,
        energy_threshold=sub_goal.energy_threshold,
    )


def status_message(progress: TaskProgress, stamp: Time) -> TaskStatus:
    """Where a task is."""
    return TaskStatus(
        header=Header(stamp=stamp),
        state=int(progress.state),
        task=progress.task,
        sub_goal=progress.sub_goal,
        sub_goals=progress.sub_goals,
        sub_goal_name=progress.sub_goal_name,
        steps_done=progress.steps_done,
        budget=progress.budget,
        energy=progress.energy,
        code=code_message(progress.code),
        message=progress.message,
    )


def result_message(end: TaskEnd) -> RunTask.Result:
    """How a task ended; the outcome is CANCELLED where nothing was pursued."""
    last = end.last
    outcome = (
        OutcomeMessage(outcome=OutcomeMessage.CANCELLED, detail=-1, message="no goal was pursued")
        if last is None
        else OutcomeMessage(outcome=int(last.outcome), detail=last.detail, message=last.message)
    )
    return RunTask.Result(
        code=code_message(end.code),
        message=end.message,
        outcome=outcome,
        sub_goals_done=end.sub_goals_done,
        steps=end.steps,
        energy=math.nan if last is None else last.energy,
    )
