"""How far the landscape's minimum is from the true action: `python benchmarks/landscape_pairs.py`.

Each unseen seed gives a pair of simulated pictures, one random action apart: uniform within 7.5 cm
per axis, gripper unchanged. The minimum is searched over the whole cube (figure 9 shows a plane).
"""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from vjepa2.landscape import ask
from vjepa2.landscape_input import Pair, first_pair
from vjepa2.trajectory import Trajectory
from vjepa2_models import bundled_checkpoint, load_world_model
from vjepa2_planner.landscape import lowest_translation
from vjepa2_sim.camera import Camera
from vjepa2_sim.camera_placement import CameraPlacement
from vjepa2_sim.collection import FIRST_EVALUATION_SEED
from vjepa2_sim.contact_driver import ContactDriver
from vjepa2_sim.random_motion import MAX_STEP_M
from vjepa2_sim.scene import HAND_DOWN, Lighting, TableObject, light_scene, place_camera
from vjepa2_sim.table_objects import SUBSETS, clear_of, draw_objects
from vjepa2_sim.versions import versions
from vjepa2_sim.workspace import COLLECTION_WORKSPACE, WORKSPACE

TARGET_M = 0.02


def draw_pair(driver: ContactDriver, camera: Camera, seed: int, with_objects: bool) -> Pair:
    """Pictures before and after a random action, with the states and light of `seed`."""
    rng = np.random.default_rng(seed)
    place_camera(driver.model, CameraPlacement().jittered(rng))
    light_scene(driver.model, Lighting.jittered(rng))
    names = SUBSETS[rng.integers(len(SUBSETS))] if with_objects else ()
    objects = draw_objects(rng, names)
    start, delta = draw_motion(rng, objects)
    driver.reset([start])
    driver.put(objects)
    frames, states = [camera.capture(driver.data)], [driver.pose]
    driver.execute(delta)
    frames.append(camera.capture(driver.data))
    states.append(driver.pose)
    as_tensor = torch.as_tensor(np.stack(states), dtype=torch.float32)
    return first_pair(Trajectory(np.stack(frames), as_tensor, f"seed {seed}"))


def draw_motion(
    rng: np.random.Generator, objects: tuple[TableObject, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Start pose [7] and delta [7] whose both ends touch no object and lie where data was."""
    closedness = float(rng.choice([0.0, 1.0, rng.random()]))
    while True:
        position = WORKSPACE.sample(rng)
        change = rng.uniform(-MAX_STEP_M, MAX_STEP_M, 3)
        end = position + change
        clear = clear_of(position, objects) and clear_of(end, objects)
        if clear and COLLECTION_WORKSPACE.contains(end):
            break
    return np.array([*position, *HAND_DOWN, closedness]), np.array([*change, 0, 0, 0, 0])


def measure(options: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Distances of the minima from the true actions, in metres, and their summary."""
    model = load_world_model(options.weights or bundled_checkpoint(), device=options.device)
    driver = ContactDriver()
    misses, lengths = [], []
    with closing(Camera(driver.model, model.dimensions.img_size)) as camera:
        seeds = range(options.seed, options.seed + options.pairs)
        for seed in track(seeds, "pairs", console=console):
            pair = draw_pair(driver, camera, seed, options.objects)
            assert pair.true_action is not None
            lowest = lowest_translation(ask(model, pair), radius=MAX_STEP_M)
            misses.append(lowest.distance_m(pair.true_action))
            lengths.append(float(torch.linalg.vector_norm(pair.true_action[:3])))
    return {
        "pairs": options.pairs,
        "seed": options.seed,
        "objects": options.objects,
        "weights": options.weights.name if options.weights else "bundled",
        "distance_m": quartiles(misses),
        "under_2_cm": float(np.mean(np.array(misses) < TARGET_M)),
        "standing_still_m": quartiles(lengths),
        "distances_m": misses,
        "versions": versions(),
    }


def quartiles(values: list[float]) -> dict[str, float]:
    """First quartile, median and third quartile."""
    low, middle, high = np.percentile(values, [25, 50, 75])
    return {"lower_quartile": float(low), "median": float(middle), "upper_quartile": float(high)}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=50)
    parser.add_argument("--seed", type=int, default=FIRST_EVALUATION_SEED, help="the first one")
    parser.add_argument(
        "--objects",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="cup, box, both or none on the table (default), or always none",
    )
    parser.add_argument("--weights", type=Path, help="checkpoint; default: the bundled model")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--json", type=Path, help="where the figures go")
    options = parser.parse_args()
    if options.pairs < 1:
        parser.error("--pairs must be at least 1")
    if options.seed < FIRST_EVALUATION_SEED:
        parser.error(f"--seed must be at least {FIRST_EVALUATION_SEED}: the model saw those below")
    console = Console(highlight=False)
    figures = measure(options, console)
    found, still = figures["distance_m"], figures["standing_still_m"]
    console.print(
        f"minimum to true action: median {100 * found['median']:.2f} cm, quartiles "
        f"{100 * found['lower_quartile']:.2f} and {100 * found['upper_quartile']:.2f} cm; "
        f"{100 * figures['under_2_cm']:.0f} % under 2 cm "
        f"(standing still: median {100 * still['median']:.2f} cm)",
        soft_wrap=True,
    )
    if options.json is not None:
        partial = options.json.with_name(options.json.name + ".partial")
        partial.write_text(json.dumps(figures, indent=2) + "\n")
        partial.replace(options.json)


if __name__ == "__main__":
    main()
