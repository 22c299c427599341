"""The frame decoder's training (paper, B.3): L2 in pixels, on features of a frozen encoder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vjepa2_data import Index
from vjepa2_models.dimensions import Crop
from vjepa2_models.encoder import Encoder
from vjepa2_models.frame_decoder import FrameDecoder, to_pictures, to_rgb
from vjepa2_models.frame_decoder_file import hash_encoder, save_frame_decoder
from vjepa2_models.preprocessing import preprocess
from vjepa2_models.training.clips.clip_crop import whole_frames
from vjepa2_models.training.clips.clip_sources import ClipRequest, EpisodeSource
from vjepa2_models.training.clips.mixture import Mixture
from vjepa2_models.training.decoding.decoding_report import plot_history, save_pictures
from vjepa2_models.training.decoding.decoding_settings import DecodingSettings
from vjepa2_models.training.engine.run_folder import History
from vjepa2_models.training.engine.stage import Batch
from vjepa2_models.world_model import encode_stills

PRODUCT = "frame_decoder.safetensors"
PICTURES = 8


@dataclass(frozen=True)
class FrameBatches:
    """Clips of the episodes as the encoder sees them: `frames` uint8 [R, T, S, S, 3] RGB."""

    mixture: Mixture
    request: ClipRequest
    size: int
    crop: Crop

    def load(self, step: int, rows: range) -> Batch:
        """See `stage.Batches`."""
        drawn = [self.mixture.draw(step, row, self.request) for row in rows]
        clips = [whole_frames(clip, self.size, self.crop) for clip, _ in drawn]
        return Batch({"frames": torch.stack(clips)}, tuple(origin for _, origin in drawn))


class DecodingStage:
    """A `stage.Stage`: the decoder learns, the encoder stays as it is."""

    def __init__(self, settings: DecodingSettings, encoder: Encoder, index: Index) -> None:
        """`encoder`: frozen, float32, where the training computes. `index`: all episodes."""
        self._encoder = encoder
        self._encoder_hash = hash_encoder(encoder)
        self.decoder = FrameDecoder(settings.decoder, encoder.dimensions)
        train, held_out = index.split(settings.held_out)
        self.batches = self._batches(train, settings)
        self._held_out = self._batches(held_out, settings).load(0, range(settings.held_out_clips))

    @property
    def modules(self) -> Mapping[str, nn.Module]:
        return {"frame_decoder": self.decoder}

    def losses(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The mean squared error of RGB in 0 to 1."""
        images = self._images(tensors)
        with torch.no_grad():
            features = encode_stills(self._encoder, images)
        return {"pixel_error": F.mse_loss(self.decoder(features).float(), to_rgb(images))}

    def after_step(self, step: int) -> None:
        """Nothing follows the decoder."""

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """The loss on held-out episodes, and the same in decibels (peak signal to noise)."""
        error = float(self.losses(self._on_device(self._held_out))["pixel_error"])
        return {"held_out_pixel_error": error, "held_out_psnr_db": -10 * float(np.log10(error))}

    def export(self, folder: Path) -> None:
        """Write the decoder as `load_frame_decoder` reads it."""
        save_frame_decoder(self.decoder, self._encoder_hash, folder / PRODUCT)

    @torch.no_grad()
    def report(self, folder: Path, history: History) -> None:
        """Write the curve of the error, and held-out frames above their reconstructions."""
        plot_history(history, folder / "pixel_error.png")
        images = self._images(self._on_device(self._held_out))[:PICTURES]
        decoded = self.decoder.decode(encode_stills(self._encoder, images))
        save_pictures(to_pictures(to_rgb(images)), decoded, folder / "held_out.png")

    def _batches(self, index: Index, settings: DecodingSettings) -> FrameBatches:
        mixture = Mixture((EpisodeSource(index),), (1.0,), settings.engine.seed)
        sizes = self._encoder.dimensions
        return FrameBatches(mixture, settings.request, sizes.img_size, sizes.crop)

    def _images(self, tensors: Mapping[str, Tensor]) -> Tensor:
        sizes = self._encoder.dimensions
        return preprocess(tensors["frames"].flatten(0, 1), sizes.img_size, sizes.crop)

    def _on_device(self, batch: Batch) -> dict[str, Tensor]:
        device = self._encoder.norm.weight.device
        return {name: tensor.to(device) for name, tensor in batch.tensors.items()}
