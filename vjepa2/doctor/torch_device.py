"""torch, and what it computes on."""

from __future__ import annotations

from vjepa2.doctor.finding import Finding, missing, ok, warning
from vjepa2.doctor.host import Host


def check(host: Host) -> Finding:
    """Which device plans, whether it computes in bf16, and whether it works at all."""
    try:
        import torch
    except ImportError as error:
        return missing("torch", f"torch cannot be imported: {error}", "pip install torch==2.13.0")
    from vjepa2_models.fast_dtype import fast_dtype

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    precision = fast_dtype(device)
    square = torch.ones(64, 64, device=device, dtype=precision)
    if (square @ square)[0, 0].item() != 64.0:
        return missing(
            "torch", f"torch {torch.__version__} miscalculates on {device}", "install it anew"
        )
    found = f"torch {torch.__version__} on {_name(device)}, in {str(precision)[6:]}"
    if device.type == "cuda":
        if torch.cuda.is_bf16_supported(including_emulation=False):
            return ok("torch", found)
        return warning("torch", found, "this GPU has no bf16: set dtype to float32")
    built = "" if torch.version.cuda else ", and this build of torch could use none"
    return warning(
        "torch",
        f"{found}; no GPU was found{built}",
        "the bundled model needs none; for the released ViT-g install the driver and a CUDA "
        "build of torch",
    )


def _name(device: object) -> str:
    import torch

    if str(device) == "cpu":
        return f"the CPU ({torch.backends.cpu.get_cpu_capability()})"
    card = torch.cuda.get_device_properties(0)
    return f"{card.name} ({card.total_memory / 2**30:.0f} GiB, CUDA {torch.version.cuda})"
