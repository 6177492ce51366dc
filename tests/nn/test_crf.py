"""The linear-chain CRF against all paths, written out."""

import itertools
import math

import pytest
import torch

from elman.core.errors import InputError
from elman.nn.crf import LinearChainCRF

TAGS, LENGTHS = 3, (4, 1, 3)


@pytest.fixture(params=[False, True], ids=["all moves", "some forbidden"])
def problem(request):
    """A CRF of random weights in float64, scores of sequences of several lengths, and their tags."""
    forbidden = torch.zeros(TAGS + 1, TAGS + 1, dtype=torch.bool)
    if request.param:
        # 2 follows neither the start nor 0, and nothing ends with 1
        forbidden[TAGS, 2] = forbidden[0, 2] = forbidden[1, TAGS] = True
    crf = LinearChainCRF(TAGS, forbidden).double()
    torch.nn.init.normal_(crf.transitions)
    scores = torch.randn(max(LENGTHS), len(LENGTHS), TAGS, dtype=torch.float64)
    return crf, scores, torch.tensor(LENGTHS)


def all_paths(crf, scores_TK):
    """ln exp-scores of every allowed path of one sequence, by the definition."""
    found = {}
    for path in itertools.product(range(TAGS), repeat=len(scores_TK)):
        framed = (TAGS, *path, TAGS)
        moves = list(itertools.pairwise(framed))
        if not any(crf.forbidden[move] for move in moves):
            chosen = sum(float(scores_TK[t, tag].detach()) for t, tag in enumerate(path))
            found[path] = chosen + sum(float(crf.transitions[move].detach()) for move in moves)
    return found


def probabilities(crf, scores, b):
    paths = all_paths(crf, scores[: LENGTHS[b], b])
    log_z = math.log(sum(math.exp(score) for score in paths.values()))
    return log_z, {path: score - log_z for path, score in paths.items()}


def test_partition_and_likelihood_are_those_of_all_paths(problem):
    crf, scores, lengths = problem
    log_z = crf.log_partition(scores, lengths)
    nats = 0.0
    tags = torch.zeros(max(LENGTHS), len(LENGTHS), dtype=torch.int64)
    for b, length in enumerate(LENGTHS):
        expected, log_p = probabilities(crf, scores, b)
        assert log_z[b].item() == pytest.approx(expected, rel=1e-12)
        path = sorted(log_p)[len(log_p) // 2]
        tags[:length, b] = torch.tensor(path)
        nats -= log_p[path]
    assert crf.negative_log_likelihood(scores, tags, lengths).item() == pytest.approx(nats, rel=1e-12)


def test_best_sequences_are_those_of_all_paths_in_their_order(problem):
    crf, scores, lengths = problem
    number = 5
    paths, log_p = crf.best(scores, lengths, number)
    assert paths.shape == (number, max(LENGTHS), len(LENGTHS))
    for b, length in enumerate(LENGTHS):
        _, expected = probabilities(crf, scores, b)
        ranked = sorted(expected.items(), key=lambda item: -item[1])[:number]
        for n, (path, value) in enumerate(ranked):
            assert tuple(paths[n, :length, b].tolist()) == path
            assert float(log_p[n, b]) == pytest.approx(value, rel=1e-10)
        assert all(float(value) == -math.inf for value in log_p[len(ranked) :, b])


def test_the_first_of_many_is_the_best_alone(problem):
    crf, scores, lengths = problem
    alone, log_p = crf.best(scores, lengths)
    many, log_p_many = crf.best(scores, lengths, 4)
    for b, length in enumerate(LENGTHS):
        assert alone[0, :length, b].equal(many[0, :length, b])
    assert torch.allclose(log_p[0], log_p_many[0], rtol=1e-12)


def test_marginals_are_those_of_all_paths_and_the_derivative_of_the_partition(problem):
    crf, scores, lengths = problem
    scores.requires_grad_()
    found = crf.marginals(scores, lengths)
    (derivative,) = torch.autograd.grad(crf.log_partition(scores, lengths).sum(), scores)
    for b, length in enumerate(LENGTHS):
        _, log_p = probabilities(crf, scores, b)
        expected = torch.zeros(max(LENGTHS), TAGS, dtype=torch.float64)
        for path, value in log_p.items():
            for t, tag in enumerate(path):
                expected[t, tag] += math.exp(value)
        assert torch.allclose(found[:, b], expected, atol=1e-12)
        assert not found[length:, b].any()
    assert torch.allclose(derivative, found, atol=1e-12)


def test_the_gradient_is_that_of_finite_differences(problem):
    crf, scores, lengths = problem
    tags = crf.best(scores, lengths)[0][0]
    names = ["transitions"]

    def nats(scores, transitions):
        parameters = dict(zip(names, [transitions], strict=True))
        return torch.func.functional_call(
            _Likelihood(crf), {"crf.transitions": parameters["transitions"]}, (scores, tags, lengths)
        )

    transitions = crf.transitions.detach().clone().requires_grad_()
    assert torch.autograd.gradcheck(nats, (scores.requires_grad_(), transitions))


class _Likelihood(torch.nn.Module):
    def __init__(self, crf):
        super().__init__()
        self.crf = crf

    def forward(self, scores, tags, lengths):
        return self.crf.negative_log_likelihood(scores, tags, lengths)


def test_what_stands_behind_the_end_changes_nothing(problem):
    crf, scores, lengths = problem
    tags = crf.best(scores, lengths)[0][0]
    before = crf.negative_log_likelihood(scores, tags, lengths)
    scores[1:, 1], tags[1:, 1] = 1e3, 0
    assert crf.negative_log_likelihood(scores, tags, lengths).equal(before)
    assert crf.negative_log_likelihood(scores, tags, torch.zeros(3, dtype=torch.int64)) == 0.0


def test_without_learned_moves_each_tag_is_chosen_by_a_softmax():
    crf = LinearChainCRF(TAGS, learned=False).double()
    assert not list(crf.parameters())
    assert not crf.state_dict()
    scores = torch.randn(4, 3, TAGS, dtype=torch.float64)
    tags = torch.randint(TAGS, (4, 3))
    lengths = torch.full((3,), 4)
    expected = torch.nn.functional.cross_entropy(scores.flatten(0, 1), tags.flatten(), reduction="sum")
    assert torch.allclose(crf.negative_log_likelihood(scores, tags, lengths), expected, rtol=1e-12)
    assert crf.best(scores, lengths)[0][0].equal(scores.argmax(-1))


def test_scores_far_apart_and_long_sequences_stay_finite_in_float32():
    forbidden = torch.zeros(3, 3, dtype=torch.bool)
    forbidden[2, 1] = True  # nothing begins with 1
    crf = LinearChainCRF(2, forbidden)
    scores = (200.0 * torch.randn(500, 2, 2)).requires_grad_()
    lengths = torch.tensor([500, 400])
    paths, log_p = crf.best(scores, lengths)
    nats = crf.negative_log_likelihood(scores, paths[0], lengths)
    nats.backward()
    assert nats.isfinite()
    assert scores.grad.isfinite().all()
    assert crf.transitions.grad.isfinite().all()
    assert (log_p <= 1e-2).all()


def test_half_precision_is_summed_in_float32():
    crf = LinearChainCRF(TAGS)
    scores = torch.randn(4, 2, TAGS)
    lengths = torch.tensor([4, 2])
    with torch.autocast("cpu", torch.bfloat16):
        found = crf.log_partition(scores.bfloat16(), lengths)
    assert found.dtype == torch.float32
    assert torch.allclose(found, crf.log_partition(scores.bfloat16().float(), lengths))


def test_a_mask_of_another_shape_is_refused():
    with pytest.raises(InputError, match=r"shape \(3, 3\); of 3 tags it is \(4, 4\)"):
        LinearChainCRF(3, torch.zeros(3, 3, dtype=torch.bool))
