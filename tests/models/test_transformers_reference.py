"""A second, live reference for the encoder: the VJEPA2 of `transformers`."""

import torch
from torch import Tensor
from transformers import VJEPA2Config, VJEPA2Model

from vjepa2_models.checkpoint import load_weights
from vjepa2_models.dimensions import Dimensions, EncoderDimensions
from vjepa2_models.encoder import Encoder


def converted(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same weights under the official names, with queries, keys and values in one matrix."""
    renamed = {
        "encoder.embeddings.patch_embeddings.proj": "patch_embed.proj",
        "encoder.layernorm": "norm",
    }
    result: dict[str, Tensor] = {}
    for name, value in weights.items():
        module, kind = name.rsplit(".", 1)
        if module in renamed:
            result[f"{renamed[module]}.{kind}"] = value
        elif name.startswith("encoder.layer."):
            block, rest = module.removeprefix("encoder.layer.").split(".", 1)
            rest = rest.replace("attention.", "attn.")
            if rest == "attn.query":
                parts = [weights[name.replace("query", p)] for p in ("query", "key", "value")]
                result[f"blocks.{block}.attn.qkv.{kind}"] = torch.cat(parts)
            elif rest not in ("attn.key", "attn.value"):
                result[f"blocks.{block}.{rest}.{kind}"] = value
    return result


def test_encoder_equals_transformers() -> None:
    """The same weights give the same features for a clip of several tubelets."""
    torch.manual_seed(0)
    sizes = EncoderDimensions(embed_dim=96, depth=3, num_heads=4)
    config = VJEPA2Config(
        patch_size=16,
        crop_size=64,
        frames_per_clip=8,
        tubelet_size=2,
        hidden_size=sizes.embed_dim,
        num_attention_heads=sizes.num_heads,
        num_hidden_layers=sizes.depth,
        mlp_ratio=sizes.mlp_ratio,
        pred_hidden_size=32,
        pred_num_attention_heads=2,
        pred_num_hidden_layers=1,
    )
    reference = VJEPA2Model(config).eval()
    for parameter in reference.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    encoder = Encoder(Dimensions(sizes, img_size=64))
    load_weights(encoder, converted(dict(reference.state_dict())), "transformers")
    clip = torch.randn(2, 3, 8, 64, 64)
    with torch.inference_mode():
        theirs = reference(clip.transpose(1, 2), skip_predictor=True).last_hidden_state
        ours = encoder(clip)
    assert theirs.std() > 0.1
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-4)
