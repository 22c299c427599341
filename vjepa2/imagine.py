"""What the world model imagines of a motion, decoded into pictures (paper, B.3, figure 15)."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table

from vjepa2.imagine_input import check_options, read_motion
from vjepa2.imagine_rollout import HorizonError, horizon_errors, imagine, with_gripper
from vjepa2.imagine_strip import Pictures, draw_strip
from vjepa2.landscape_camera import EXTRINSICS, add_extrinsics_option
from vjepa2.trajectory import Trajectory
from vjepa2_models import WorldModel, bundled_checkpoint, load_world_model, preprocess
from vjepa2_models.frame_decoder import FrameDecoder, to_pictures, to_rgb
from vjepa2_models.frame_decoder_file import bundled_frame_decoder, load_frame_decoder

EXAMPLES = """examples:
  vjepa2 imagine --seed 100003                      an unseen simulated episode
  vjepa2 imagine --data data/sim --episode NAME --start 4 --steps 8 --gripper-pair
  vjepa2 imagine --npz franka_example_traj.npz --weights vjepa2-ac-vitg.pt --decoder FILE

Writes imagine.png (real frames, their reconstructions, the rollout from the first frame along the
real motion) and imagine.csv (error of the features by horizon, against copying the first frame's);
with --gripper-pair also gripper_pair.png: the same motion with the gripper closed, and open.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    options = _parser().parse_args(arguments)
    check_options(options)
    decoder_file = options.decoder or bundled_frame_decoder()
    # Half precision of the weights would hide which encoder they are; see `hash_encoder`.
    model = load_world_model(
        options.weights or bundled_checkpoint(), options.config, device=options.device
    )
    decoder = load_frame_decoder(decoder_file, model.encoder)
    motion = read_motion(options, model.dimensions.img_size)
    if model.predictor.use_extrinsics and motion.extrinsics is None:
        raise ValueError(f"{motion.name}: these weights need the camera's pose; {EXTRINSICS}")
    real = model.encode(motion.frames)
    imagined = imagine(model, real[:1], motion.states, motion.extrinsics)
    errors = horizon_errors(real, imagined)
    rows = {
        "real": seen(model, motion),
        "reconstructed": decoder.decode(real).numpy(),
        "imagined": decoder.decode(imagined).numpy(),
    }
    options.out.mkdir(parents=True, exist_ok=True)
    write_errors(errors, options.out / "imagine.csv")
    draw_strip(rows, motion.name, options.out / "imagine.png")
    if options.gripper_pair:
        pair = gripper_pair(model, decoder, motion)
        draw_strip(pair, motion.name, options.out / "gripper_pair.png")
    console = Console(highlight=False)
    console.print(error_table(errors))
    console.print(f"see {options.out / 'imagine.png'}", soft_wrap=True)


def seen(model: WorldModel, motion: Trajectory) -> Pictures:
    """The motion's frames as the encoder sees them: cropped and resized, uint8 [T,S,S,3]."""
    sizes = model.dimensions
    images = preprocess(torch.as_tensor(motion.frames), sizes.img_size, sizes.crop)
    return to_pictures(to_rgb(images)).numpy()


def gripper_pair(
    model: WorldModel, decoder: FrameDecoder, motion: Trajectory
) -> dict[str, Pictures]:
    """The motion from its first frame, imagined with the gripper closed and with it open."""
    context = model.encode(motion.frames[:1])
    pictures = {}
    for label, closedness in (("gripper closed", 1.0), ("gripper open", 0.0)):
        states = with_gripper(motion, closedness)
        imagined = imagine(model, context, states, motion.extrinsics)
        pictures[label] = decoder.decode(imagined).numpy()
    return pictures


def error_table(errors: Sequence[HorizonError]) -> Table:
    """For a person: the error of each horizon."""
    table = Table("horizon", "imagined", "copied", "ratio")
    for error in errors:
        ratio = error.imagined / error.copied if error.copied else float("nan")
        table.add_row(
            str(error.horizon), f"{error.imagined:.4f}", f"{error.copied:.4f}", f"{ratio:.2f}"
        )
    return table


def write_errors(errors: Sequence[HorizonError], path: Path) -> None:
    """CSV with a row for each horizon."""
    partial = path.with_name(path.name + ".partial")
    with partial.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["horizon", "imagined_error", "copy_error"])
        for error in errors:
            table.writerow([error.horizon, f"{error.imagined:.6f}", f"{error.copied:.6f}"])
    partial.replace(path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vjepa2 imagine",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    motion = parser.add_argument_group("the motion: one of --data, --npz, --seed")
    motion.add_argument("--data", type=Path, help="folder of recorded episodes")
    motion.add_argument("--episode", help="its name; default: the first one")
    motion.add_argument("--npz", type=Path, help="observations and states")
    motion.add_argument("--seed", type=int, help="of a simulated episode; from 100000 on unseen")
    motion.add_argument("--start", type=int, default=0, help="first frame, at 4 a second")
    motion.add_argument("--steps", type=int, default=8, help="at most")
    add_extrinsics_option(motion)
    parser.add_argument(
        "--gripper-pair", action="store_true", help="also with the gripper closed, and open"
    )
    parser.add_argument("--weights", type=Path, help="checkpoint; default: the bundled model")
    parser.add_argument("--config", type=Path, help="its sizes, for a .pt file not of ViT-g")
    parser.add_argument("--decoder", type=Path, help="of these weights; default: the bundled one")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--out", type=Path, default=Path("runs/imagine"), help="folder")
    return parser
