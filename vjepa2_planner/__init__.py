"""Planning in the latent space of a world model: CEM in a receding horizon."""

from vjepa2_planner.arm import Arm
from vjepa2_planner.constraints import Box, Constraint, L1Ball
from vjepa2_planner.cross_entropy import CrossEntropyMethod
from vjepa2_planner.differentiable import Differentiable
from vjepa2_planner.failures import PlanningFailure, PlanningFault, PursuitFailure
from vjepa2_planner.finger_check import FingerCheck, FingerSettings
from vjepa2_planner.goal import encode_goal
from vjepa2_planner.gradient_descent import GradientDescent
from vjepa2_planner.hybrid import Hybrid
from vjepa2_planner.improved_cross_entropy import ImprovedCrossEntropyMethod
from vjepa2_planner.lookahead import Lookahead
from vjepa2_planner.observer import Camera, LocalObserver, Observer, View
from vjepa2_planner.optimiser import Optimiser
from vjepa2_planner.optimising_planner import OptimisingPlanner
from vjepa2_planner.path_integral import PathIntegral
from vjepa2_planner.plan import Plan, Planner, Refinement
from vjepa2_planner.plan_settings import PlanSettings
from vjepa2_planner.policy_planner import Policy, PolicyPlanner
from vjepa2_planner.presets import PRESETS, Preset, preset
from vjepa2_planner.receding_horizon import RecedingHorizon
from vjepa2_planner.replay import identical, replay
from vjepa2_planner.response_surface import ResponseSurface
from vjepa2_planner.seeds import step_seed
from vjepa2_planner.step import Ending, Outcome, Step, Timing
from vjepa2_planner.stopping import EnergyBelow, Stall, StoppingRule
from vjepa2_planner.world_model import WorldModel

__all__ = [
    "PRESETS",
    "Arm",
    "Box",
    "Camera",
    "Constraint",
    "CrossEntropyMethod",
    "Differentiable",
    "Ending",
    "EnergyBelow",
    "FingerCheck",
    "FingerSettings",
    "GradientDescent",
    "Hybrid",
    "ImprovedCrossEntropyMethod",
    "L1Ball",
    "LocalObserver",
    "Lookahead",
    "Observer",
    "Optimiser",
    "OptimisingPlanner",
    "Outcome",
    "PathIntegral",
    "Plan",
    "PlanSettings",
    "Planner",
    "PlanningFailure",
    "PlanningFault",
    "Policy",
    "PolicyPlanner",
    "Preset",
    "PursuitFailure",
    "RecedingHorizon",
    "Refinement",
    "ResponseSurface",
    "Stall",
    "Step",
    "StoppingRule",
    "Timing",
    "View",
    "WorldModel",
    "encode_goal",
    "identical",
    "preset",
    "replay",
    "step_seed",
]
