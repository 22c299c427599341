"""The compiled predictor against the one that is not."""

from functools import partial

import pytest
import torch
from torch import Tensor

from vjepa2_models import WorldModel
from vjepa2_models.objective import Objective


def test_compiling_changes_no_result(
    world_model: WorldModel, golden: dict[str, Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Traced, guarded and called as with torch's compiler, for more shapes than torch allows.

    What is traced is run as it is, which tests the tracing and saves the minute of compiling.
    """
    torch._dynamo.reset()
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend="eager", fullgraph=True))
    monkeypatch.setattr(torch._dynamo.config, "fail_on_recompile_limit_hit", True)
    model = WorldModel(world_model.dimensions, Objective("l2"))
    model.load_state_dict(world_model.state_dict())
    model.eval().requires_grad_(False)
    compiled = WorldModel(world_model.dimensions, Objective("l2"))
    compiled.load_state_dict(world_model.state_dict())
    compiled.eval().requires_grad_(False).compile_predictor()
    random = torch.Generator().manual_seed(0)
    for frames, candidates, horizon in ((1, 19, 3), (3, 2, 2)):
        actions = 0.05 * torch.randn(candidates, horizon, 7, generator=random)
        states = golden["states"][0, :frames].float()
        arguments = (golden["features"][:frames], states, golden["features"][3:], actions)
        expected = model.energies_with_gradients(*arguments)
        torch.testing.assert_close(compiled.energies(*arguments), expected[0])
        torch.testing.assert_close(compiled.energies_with_gradients(*arguments), expected)
    torch._dynamo.reset()
