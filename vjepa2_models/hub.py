"""Encoders from Hugging Face, through its own client (HF_ENDPOINT is honoured)."""

import os
from pathlib import Path

from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url
from huggingface_hub.errors import HfHubHTTPError

from vjepa2_models.checksum import accept
from vjepa2_models.download import DownloadError, check_space

FILE = "model.safetensors"


def download_from_hub(
    repository: str, folder: Path, record: Path, sha256: str | None = None, beside: int = 0
) -> Path:
    """Downloads weights and sizes of a model into `folder`; returns the folder.

    The client resumes and retries. `sha256` defaults to the checksum that the hub states for the
    weights. Arguments: see `download`.

    Raises:
        DownloadError: if the hub can't be reached or the disk is too small.
        ChecksumError: on another content; see `checksum.accept`.
    """
    endpoint = os.environ.get("HF_ENDPOINT")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        stated = get_hf_file_metadata(hf_hub_url(repository, FILE, endpoint=endpoint))
        arrived = (folder / FILE).is_file()
        check_space(folder, (0 if arrived else stated.size or 0) + beside)
        for name in ("config.json", FILE):
            hf_hub_download(repository, name, local_dir=folder, endpoint=endpoint)
    except (HfHubHTTPError, OSError) as fault:
        if isinstance(fault, DownloadError):
            raise
        raise DownloadError(f"{repository}: {fault}") from fault
    etag = stated.etag or ""
    expected = sha256 or (etag if len(etag) == 64 else None)  # the ETag of large files
    weights = folder / FILE
    accept(weights, weights, record, expected)
    return folder
