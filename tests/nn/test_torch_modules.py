"""The inputs on which torch tests its own recurrent layers, with elman's classes in place of torch's."""

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence
from torch.testing._internal import common_modules
from torch.testing._internal.common_modules import ModuleErrorEnum

import elman

KINDS = ["RNN", "LSTM", "GRU"]
SETTING = {"device": "cpu", "dtype": torch.float64, "requires_grad": True, "training": True}


def inputs(kind):
    if kind == "LSTM":
        return common_modules.module_inputs_torch_nn_LSTM(None, **SETTING)
    return common_modules.module_inputs_torch_nn_RNN_GRU(
        None, **SETTING, is_rnn=kind == "RNN", with_packed_sequence=True
    )


def error_inputs(kind):
    return common_modules.module_error_inputs_torch_nn_RNN_GRU(None, **SETTING, is_rnn=kind == "RNN")


def tensors(value):
    """All tensors of a nested result, in order."""
    if isinstance(value, PackedSequence):
        return [value.data]
    return (
        [value] if isinstance(value, torch.Tensor) else [tensor for part in value for tensor in tensors(part)]
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
def test_torchs_own_inputs_give_torchs_own_results(kind):
    samples = inputs(kind)
    assert samples
    for sample in samples:
        made, given = sample.constructor_input, sample.forward_input
        theirs = getattr(nn, kind)(*made.args, **made.kwargs, dtype=torch.float64)
        ours = getattr(elman, kind)(*made.args, **made.kwargs, dtype=torch.float64)
        ours.load_state_dict(theirs.state_dict())
        wanted = tensors(theirs(*given.args, **given.kwargs))
        found = tensors(ours(*given.args, **given.kwargs))
        torch.testing.assert_close(found, wanted, rtol=0, atol=1e-12)
        if not isinstance(given.args[0], PackedSequence):
            reference = sample.reference_fn(ours, *given.args, **given.kwargs)
            torch.testing.assert_close(found, tensors(reference), rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_torchs_own_wrong_inputs_are_refused_in_torchs_words(kind):
    samples = error_inputs(kind)
    assert samples
    for sample in samples:
        made, given = sample.module_error_input.constructor_input, sample.module_error_input.forward_input
        if sample.error_on is ModuleErrorEnum.CONSTRUCTION_ERROR:
            with pytest.raises(sample.error_type, match=sample.error_regex):
                getattr(elman, kind)(*made.args, **made.kwargs)
        else:
            layer = getattr(elman, kind)(*made.args, **made.kwargs)
            with pytest.raises(sample.error_type, match=sample.error_regex):
                layer(*given.args, **given.kwargs)
