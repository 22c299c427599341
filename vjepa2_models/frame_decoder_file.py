"""Frame decoders on disk; each belongs to the encoder whose features it was trained on."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors import safe_open

from vjepa2_models.checkpoint import CheckpointError, load_weights, stored_sizes
from vjepa2_models.dimensions import sizes_in
from vjepa2_models.encoder import Encoder
from vjepa2_models.frame_decoder import FrameDecoder, FrameDecoderDimensions
from vjepa2_models.safetensors_stream import write_safetensors

BUNDLED = Path(__file__).parent / "weights" / "frame_decoder.safetensors"


def bundled_frame_decoder() -> Path:
    """Path of the decoder that belongs to the bundled world model.

    Raises:
        FileNotFoundError: if the installation lacks it.
    """
    if not BUNDLED.is_file():
        raise FileNotFoundError(
            f"no bundled frame decoder at {BUNDLED}: train one with `vjepa2 train-decoder`, and "
            "pass it with --decoder"
        )
    return BUNDLED


def save_frame_decoder(
    decoder: FrameDecoder, encoder_hash: str, path: Path, dtype: torch.dtype = torch.float16
) -> None:
    """Writes weights, sizes and the encoder's hash to a `.safetensors` file, whole or not at all.

    `encoder_hash` is `hash_encoder` of the encoder that it was trained on.
    """
    metadata = {
        "frame_decoder": json.dumps(asdict(decoder.sizes)),
        "dimensions": decoder.dimensions.to_json(),
        "encoder_sha256": encoder_hash,
    }
    write_safetensors(decoder.state_dict(), path, metadata, dtype)


def load_frame_decoder(path: Path, encoder: Encoder) -> FrameDecoder:
    """A decoder in float32, ready for inference where the encoder is.

    `encoder`: the one whose features are to be decoded, in float32 or float16.

    Raises:
        FileNotFoundError: if there is no such file.
        CheckpointError: if it is no frame decoder, broken, or belongs to another encoder.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no frame decoder at {path}")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except Exception as error:
        raise CheckpointError(f"{path.name}: not a readable frame decoder: {error}") from error
    if not {"frame_decoder", "dimensions", "encoder_sha256"} <= set(metadata):
        raise CheckpointError(f"{path.name}: no frame decoder; `vjepa2 train-decoder` writes one")
    if metadata["encoder_sha256"] != hash_encoder(encoder):
        raise CheckpointError(
            f"{path.name} was trained on the features of another encoder (sha256 "
            f"{metadata['encoder_sha256'][:12]}, not {hash_encoder(encoder)[:12]}): train one "
            "with `vjepa2 train-decoder --model` for this world model"
        )
    try:
        sizes = FrameDecoderDimensions(**sizes_in(metadata["frame_decoder"]))
    except (ValueError, TypeError) as error:
        raise CheckpointError(
            f"{path.name}: the sizes in it are none of a frame decoder ({error}): it is damaged"
        ) from error
    dimensions = stored_sizes(metadata["dimensions"], path.name)
    with torch.device("meta"):  # a size that doesn't fit costs no memory
        decoder = FrameDecoder(sizes, dimensions)
    load_weights(decoder, weights, path.name)
    decoder = decoder.to(encoder.norm.weight.device, torch.float32)
    return decoder.eval().requires_grad_(False)


def hash_encoder(encoder: Encoder) -> str:
    """SHA-256 of an encoder's weights, rounded to half precision.

    So a training's float32 file and its half precision export have the same hash; one in
    bfloat16 has lost too much.
    """
    digest = hashlib.sha256()
    for name, value in sorted(encoder.state_dict().items()):
        digest.update(name.encode())
        digest.update(value.detach().cpu().half().contiguous().numpy().tobytes())
    return digest.hexdigest()
