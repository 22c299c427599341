"""Writing a `.safetensors` file tensor by tensor, so that a change of dtype needs no memory.

`safetensors.torch.save_file` wants all converted tensors at once: several GB for ViT-g.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

NAMES = {torch.float32: "F32", torch.bfloat16: "BF16", torch.float16: "F16"}
"""What the format calls each precision."""


def write_safetensors(
    tensors: Mapping[str, Tensor],
    path: Path,
    metadata: Mapping[str, str],
    dtype: torch.dtype | None = None,
) -> None:
    """Writes the file complete or not at all; at most one tensor is converted at a time.

    Args:
        tensors: by name, of floating point.
        path: of the file.
        metadata: goes into its header.
        dtype: float32, bfloat16 or float16; None keeps each tensor's own.

    Raises:
        OSError: if it can't be written, such as on a full disk.
    """
    header: dict[str, object] = {"__metadata__": dict(metadata)}
    end = 0
    for name, tensor in tensors.items():
        kind = dtype or tensor.dtype
        start, end = end, end + tensor.numel() * kind.itemsize
        header[name] = {
            "dtype": NAMES[kind],
            "shape": list(tensor.shape),
            "data_offsets": [start, end],
        }
    encoded = json.dumps(header).encode()
    encoded += b" " * (-len(encoded) % 8)  # the format aligns the tensors to 8 bytes
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("wb") as file:
            file.write(len(encoded).to_bytes(8, "little") + encoded)
            for tensor in tensors.values():
                converted = tensor.detach().cpu().to(dtype or tensor.dtype).contiguous()
                file.write(converted.reshape(-1).view(torch.uint8).numpy().data)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
