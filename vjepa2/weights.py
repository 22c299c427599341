"""`vjepa2 weights`: fetch, inspect and convert checkpoints."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch

from vjepa2.weights_fetch import fetch
from vjepa2.weights_inspect import inspect_file, print_inspection
from vjepa2_models.conversion import convert
from vjepa2_models.known_weights import KNOWN

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}

ABOUT = "Released and own weights: download, look into, change the layout."
EXAMPLES = """examples:
  vjepa2 weights fetch vjepa2-ac-vitg --dtype bf16
  vjepa2 weights inspect weights/vjepa2-ac-vitg.safetensors
  vjepa2 weights convert runs/train/world_model.safetensors world_model.pt
  vjepa2 weights fetch --help                  what can be fetched
"""
FETCH_EXAMPLES = """examples:
  vjepa2 weights fetch vjepa2-ac-vitg --dtype bf16
  vjepa2 weights fetch vjepa2-vitl-fpc64-256 --out /data/weights
  vjepa2 weights fetch https://host/own.pt --sha256 9f86d081... --config sizes.json

A download that was cut goes on where it stopped when the command is given again. Downloads and
checkpoints are never unpickled: files with code in them are refused. HF_ENDPOINT is honoured.

known weights:
"""
CONVERT_EXAMPLES = """examples:
  vjepa2 weights convert vjepa2-ac-vitg.pt vitg.safetensors --dtype bf16    to ours
  vjepa2 weights convert runs/train/world_model.safetensors own.pt          to the official layout
  vjepa2 weights convert vitl.pt vitl_folder                                to transformers

The suffix of OUT tells the layout: .safetensors is ours, .pt official; a folder is for
`VJEPA2Model.from_pretrained` of transformers.
"""
INSPECT_EXAMPLES = """examples:
  vjepa2 weights inspect vjepa2-ac-vitg.pt
  vjepa2 weights inspect vitl_folder --json
"""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if options.command == "fetch":
        made = fetch(
            options.name,
            options.out,
            sha256=options.sha256,
            dtype=DTYPES[options.dtype],
            config=options.config,
            raw=options.raw,
            keep=options.keep,
        )
        print(made)
    elif options.command == "inspect":
        print_inspection(inspect_file(options.file, options.config), as_json=options.json)
    else:
        dtype = DTYPES[options.dtype] if options.dtype else None
        networks = convert(options.source, options.target, dtype, options.config)
        if not options.target.suffix and networks.ac_predictor is not None:
            print("left out: the action-conditioned predictor, which transformers does not have")
        print(options.target)
    return 0


def _parser() -> argparse.ArgumentParser:
    def command(name: str, about: str, examples: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            help=about,
            description=about[0].upper() + about[1:] + ".",
            epilog=examples,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    parser = argparse.ArgumentParser(
        prog="vjepa2 weights",
        description=ABOUT,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    known = "".join(f"  {w.name:<29}{w.kind:<13}{w.about}\n" for w in KNOWN.values())
    get = command(
        "fetch", "download released weights, stripped to the networks", FETCH_EXAMPLES + known
    )
    get.add_argument("name", metavar="NAME|URL", help="known weights, or an address (https)")
    get.add_argument("--out", type=Path, default=Path("weights"), help="folder (%(default)s)")
    get.add_argument("--sha256", help="what the download must have")
    get.add_argument("--dtype", choices=DTYPES, default="fp32", help="precision (%(default)s)")
    get.add_argument("--config", type=Path, help="sizes (JSON), for an address of unknown ones")
    get.add_argument("--keep", action="store_true", help="keep the download as well")
    get.add_argument("--raw", action="store_true", help="the download as it is, not converted")

    look = command("inspect", "what a checkpoint holds and is good for", INSPECT_EXAMPLES)
    look.add_argument("file", type=Path, help="checkpoint, or folder of transformers")
    look.add_argument("--config", type=Path, help="sizes (JSON), where the file has none")
    look.add_argument("--json", action="store_true", help="for programs")

    change = command("convert", "from one layout into another", CONVERT_EXAMPLES)
    change.add_argument("source", type=Path, metavar="IN", help="checkpoint of any known layout")
    change.add_argument("target", type=Path, metavar="OUT", help="x.safetensors, x.pt or a folder")
    change.add_argument("--dtype", choices=DTYPES, help="precision (as it is)")
    change.add_argument("--config", type=Path, help="sizes (JSON), where the source has none")
    return parser
