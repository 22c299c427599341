"""From a request to run a task to its sub-goals, with their images in hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from vjepa2_msgs.action import RunTask
from vjepa2_msgs.msg import Goal
from vjepa2_planner.goal_image import GoalImageError, read_goal_image
from vjepa2_planner.task import MAX_STEPS, SubGoal, Task
from vjepa2_planner.task_code import TaskCode
from vjepa2_planner.task_fields import NAME_RULE, is_name
from vjepa2_planning.goal_library import GoalLibrary
from vjepa2_planning.goal_view import GoalView, goal_view
from vjepa2_planning.task_progress import TaskFailure, TaskOrder


@dataclass(frozen=True, eq=False)
class GoalStage:
    """A sub-goal that can be pursued; threshold: see PursueGoal."""

    goal: GoalView
    steps: int
    energy_threshold: float = 0.0

    @property
    def name(self) -> str:
        """Of the goal."""
        return self.goal.name


def task_order(
    request: RunTask.Goal, tasks: Mapping[str, Task], goals: GoalLibrary
) -> TaskOrder[GoalStage]:
    """What is to be run; raises TaskFailure.

    The request's seed counts; where it is 0, that of the task file.
    """
    given = [bool(request.task), len(request.goals) > 0, len(request.goal_images) > 0]
    if sum(given) != 1:
        raise _bad("give one of task, goals and goal_images")
    if request.task:
        return _loaded(request, tasks, goals)
    views = (
        [_captured(name, goals) for name in request.goals]
        if request.goals
        else [_sent(message, number) for number, message in enumerate(request.goal_images, 1)]
    )
    stages = _with_budgets(views, request.budgets)
    return TaskOrder("+".join(stage.name for stage in stages), request.seed, stages)


def _loaded(
    request: RunTask.Goal, tasks: Mapping[str, Task], goals: GoalLibrary
) -> TaskOrder[GoalStage]:
    if len(request.budgets):
        raise _bad("budgets are those of the task; give none beside its name")
    task = tasks.get(request.task)
    if task is None:
        known = ", ".join(sorted(tasks)) or "none"
        raise TaskFailure(
            TaskCode.NO_TASK,
            f"no task called {request.task!r} is loaded (loaded: {known}); load its file first",
        )
    stages = [
        GoalStage(_view(sub_goal, goals), sub_goal.steps, sub_goal.energy_threshold)
        for sub_goal in task.sub_goals
    ]
    return TaskOrder(task.name, request.seed or task.seed, stages)


def _view(sub_goal: SubGoal, goals: GoalLibrary) -> GoalView:
    if sub_goal.image is None:
        return _captured(sub_goal.name, goals)
    try:
        return GoalView(sub_goal.name, read_goal_image(sub_goal.image))
    except GoalImageError as error:
        raise _bad(f"sub-goal {sub_goal.name}: image {sub_goal.image} {error}") from error


def _captured(name: str, goals: GoalLibrary) -> GoalView:
    goal = goals.get(name)
    if goal is None:
        known = ", ".join(goals.names) or "none"
        raise _bad(f"no goal called {name!r} was captured (there are: {known}); capture it first")
    return goal


def _sent(message: Goal, number: int) -> GoalView:
    name = message.name or f"goal_{number}"
    if not is_name(name):
        raise _bad(f"the name of a goal must be {NAME_RULE}, not {name!r}")
    try:
        return replace(goal_view(message), name=name)
    except ValueError as error:
        raise _bad(f"goal {name}: {error}") from error


def _with_budgets(views: Sequence[GoalView], budgets: Sequence[int]) -> list[GoalStage]:
    if len(budgets) != len(views):
        raise _bad(f"{len(views)} goals but {len(budgets)} budgets; give one for each")
    for view, steps in zip(views, budgets, strict=True):
        if not 1 <= steps <= MAX_STEPS:
            raise _bad(f"the budget of {view.name} must be 1 to {MAX_STEPS} steps, not {steps}")
    return [GoalStage(view, int(steps)) for view, steps in zip(views, budgets, strict=True)]


def _bad(sentence: str) -> TaskFailure:
    return TaskFailure(TaskCode.BAD_TASK, sentence)
