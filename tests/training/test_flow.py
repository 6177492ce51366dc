"""How far back gradients reach, against LSTMs in torch written by hand, and one whose gradient halves."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional

import elman
from elman.core.errors import InputError
from elman.data.vocabulary import EOS, Vocabulary
from elman.tasks.language.config import LanguageConfig
from elman.tasks.language.model import LanguageModel
from elman.tasks.names.config import NamesConfig
from elman.tasks.names.model import NamesModel
from elman.training import flow_picture
from elman.training.flow import GradientFlow, GradientNorm, draw_gradients

VOCABULARY = Vocabulary.of("abcdefgh")
H = 7


def symbols_of(number):
    return "".join(np.random.default_rng(number).choice(list("abcdefgh"), number))


def model_of(cell, layers=2):
    torch.manual_seed(3)
    config = LanguageConfig(cell=cell, hidden_size=H, layers=layers, embedding_size=6, dropout=0.3)
    return LanguageModel(config, VOCABULARY).double()


def by_hand(model, before, text):
    """‖∂E_t/∂s_{t-k}‖ of a two-layer LSTM at the end of a text: (layer, state, k) to the norm."""
    layers = [{name: w.detach() for name, w in model.recurrent.weights(f"_l{i}").items()} for i in (0, 1)]
    ids = [before, *model.vocabulary.encode(text).tolist(), *model.closing]
    states = [[(torch.zeros(H).double(), torch.zeros(H).double())] for _ in layers]
    for symbol in ids[:-1]:
        value = model.recurrent.embedding.weight.detach()[symbol]
        for own, w in zip(states, layers, strict=True):
            h, c = own[-1]
            i, f, g, o = (w[f"W.{q}"] @ value + w[f"U.{q}"] @ h + w[f"b.{q}"] for q in "ifgo")
            c = (torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)).requires_grad_()
            value = torch.sigmoid(o) * torch.tanh(c)
            own.append((value, c))
    scores = model.projection.weight.detach() @ value + model.projection.bias.detach()
    loss = functional.cross_entropy(scores, torch.tensor(ids[-1]))
    found = {}
    for layer, own in enumerate(states, start=1):
        for place, state in enumerate("hc"):
            at = [pair[place] for pair in reversed(own[1:])]
            for k, gradient in enumerate(torch.autograd.grad(loss, at, retain_graph=True)):
                found[layer, state, k] = float(gradient.norm())
    return found


def figures(flow):
    return {(norm.layer, norm.state, norm.k): norm.value for norm in flow.norms}


def test_the_norms_of_an_lstm_are_those_of_a_loop_by_hand_at_every_step_back():
    model, text = model_of("lstm"), symbols_of(30)
    expected = by_hand(model, EOS, text)
    assert len(expected) == 2 * 2 * 30
    assert figures(elman.gradient_flow(model, text)) == pytest.approx(expected, rel=1e-9)


def test_a_long_text_is_read_in_windows_from_all_of_its_parts():
    model, text = model_of("lstm"), symbols_of(85)
    found = figures(elman.gradient_flow(model, text, steps=10))
    # 85 symbols are eight streams: five of eleven, then three of ten. Each begins after <eos>.
    starts = np.cumsum([0, 11, 11, 11, 11, 11, 10, 10])
    windows = [by_hand(model, EOS, text[s : s + 10]) for s in starts]
    assert found == pytest.approx({key: np.mean([w[key] for w in windows]) for key in windows[0]}, rel=1e-9)


def test_names_are_read_line_by_line_to_their_end():
    torch.manual_seed(3)
    config = NamesConfig(cell="lstm", hidden_size=H, layers=2, embedding_size=6)
    model = NamesModel(config, VOCABULARY).double()
    found = figures(elman.gradient_flow(model, "abc\n\n hgfedcb \n"))
    short, long = (by_hand(model, EOS, name) for name in ("abc", "hgfedcb"))
    assert found == pytest.approx({k: np.mean([long[k], short.get(k, long[k])]) for k in long}, rel=1e-9)


def test_many_names_all_count():
    torch.manual_seed(3)
    model = NamesModel(
        NamesConfig(cell="lstm", hidden_size=H, layers=2, embedding_size=6), VOCABULARY
    ).double()
    names = [symbols_of(number) for number in range(1, 13)]
    found = figures(elman.gradient_flow(model, "\n".join(names)))
    expected = [by_hand(model, EOS, name) for name in names]
    assert found[1, "h", 0] == pytest.approx(np.mean([e[1, "h", 0] for e in expected]), rel=1e-9)


@pytest.mark.parametrize(("forget", "reach"), [(0.5, 7), (0.2, 3), (0.95, 90), (1.0, None)])
def test_a_memory_that_forgets_a_known_share_reaches_as_far_as_its_powers_say(forget, reach):
    model = model_of("lstm", layers=1)
    with torch.no_grad():
        for name, weight in model.recurrent.weights("_l0").items():
            weight.zero_() if name[0] == "U" or name == "W.f" else None
        bias = 50.0 if forget == 1.0 else float(np.log(forget / (1.0 - forget)))
        model.recurrent.b_f_l0.fill_(bias)
    flow = elman.gradient_flow(model, symbols_of(100))
    line = flow.lines[1, "c"]
    ratios = [line[k] / line[0] for k in (1, 5, 99)]
    assert ratios == pytest.approx([forget, forget**5, forget**99], rel=1e-9)
    assert flow.reach[1, "c"] == reach


def test_a_network_without_a_gradient_reaches_nowhere_and_has_a_picture(tmp_path, recwarn):
    model = model_of("lstm")
    with torch.no_grad():
        model.projection.weight.zero_()
    flow = elman.gradient_flow(model, "abcabc")
    assert set(flow.reach.values()) == {None}
    flow.draw(tmp_path / "nothing.png")
    assert not recwarn.list


def test_the_model_and_the_random_numbers_stay_as_they_were():
    model, before = model_of("lstm").train(), torch.get_rng_state()
    weights = [weight.clone() for weight in model.parameters()]
    elman.gradient_flow(model, "abcabc")
    assert torch.equal(torch.get_rng_state(), before)
    assert all(module.training for module in model.modules())
    assert all(torch.equal(a, b) and b.grad is None for a, b in zip(weights, model.parameters(), strict=True))


@pytest.mark.parametrize(
    ("text", "steps", "said"),
    [("", 5, "empty text"), ("abc", 0, "steps is 0"), ("abc", True, "steps is True")],
)
def test_what_cannot_be_measured_is_refused(text, steps, said):
    with pytest.raises(InputError, match=said):
        elman.gradient_flow(model_of("lstm"), text, steps=steps)


def test_names_without_a_name_are_refused():
    with pytest.raises(InputError, match="without a line"):
        elman.gradient_flow(NamesModel(NamesConfig(), VOCABULARY), " \n\n")


def flow_of(values):
    return GradientFlow(tuple(GradientNorm(1, "h", k, float(v)) for k, v in enumerate(values)))


def rows(png):
    """Where the first layer's color is, in each column that holds any of it, within the axes."""
    image = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)[:, :850]
    there = np.abs(image - [0x44, 0x01, 0x54]).max(-1) < 12
    columns = np.flatnonzero(there.any(0))
    return columns, np.array([np.flatnonzero(there[:, x]).mean() for x in columns])


def test_a_gradient_that_loses_the_same_share_at_each_step_is_a_straight_line_down():
    columns, found = rows(flow_picture.draw(flow_of(0.98 ** np.arange(200))))
    assert np.polyfit(columns, found, 1)[0] > 0
    slope = np.diff(np.interp(np.linspace(columns[20], columns[-20], 9), columns, found))
    assert np.ptp(slope) < 4


@pytest.mark.parametrize(
    "values",
    [[1.0], [0.0], [1.0, 0.0, 0.0], [np.nan] * 3, [1.0, np.inf, np.nan], [1e30, 1e-30], [1.0] * 300],
    ids=str,
)
def test_odd_figures_have_a_picture_without_a_warning(values, recwarn):
    Image.open(io.BytesIO(flow_picture.draw(flow_of(values), flow_of(values[:1])))).verify()
    assert not recwarn.list


def test_a_picture_that_cannot_be_written_is_an_error(tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        flow_of([1.0]).draw(tmp_path / "missing" / "flow.png")


def run_with(folder, probes):
    (folder / "config.yaml").write_text("model: {}\ntraining: {}\n")
    lines = ["step,layer,what,k,value", *probes]
    (folder / "probes.csv").write_text("".join(f"{line}\n" for line in lines))
    return folder


def test_the_picture_of_a_run_is_that_of_its_first_and_last_probe(tmp_path):
    probes = [
        f"{step},1,gradient of h,{k},{share**k:.6g}"
        for step, share in ((10, 0.1), (20, 0.5), (1234, 0.9))
        for k in (0, 1, 4, 16)
    ]
    draw_gradients(run_with(tmp_path, [*probes, "1234,1,dead units,,0.5"]))
    first, last = (
        GradientFlow(tuple(GradientNorm(1, "h", k, float(f"{share**k:.6g}")) for k in (0, 1, 4, 16)))
        for share in (0.1, 0.9)
    )
    expected = flow_picture.draw(last, first, "at step 1,234; faint: at step 10")
    assert (tmp_path / "gradients.png").read_bytes() == expected


def test_a_run_without_a_probe_has_no_picture(tmp_path):
    draw_gradients(run_with(tmp_path, []))
    assert not (tmp_path / "gradients.png").exists()
