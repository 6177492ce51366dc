"""The held-out share: stable, without overlap, of about the right size."""

import numpy as np

from elman.tasks.splitting import held_out


def test_about_the_share_is_held_out():
    chosen = held_out([f"text {i}" for i in range(10_000)], 0.1)
    assert abs(chosen.sum() - 1000) < 4 * np.sqrt(900)


def test_equal_texts_are_on_one_side_in_any_order_and_company():
    texts = [f"text {i % 50}" for i in range(200)]
    side = dict(zip(texts, held_out(texts, 0.3), strict=True))
    for some in (texts, texts[::-1], texts[:120]):
        assert all(side[text] == chosen for text, chosen in zip(some, held_out(some, 0.3), strict=True))


def test_neither_side_is_empty_where_two_texts_differ():
    for share in (1e-9, 1.0 - 1e-9):
        chosen = held_out(["a", "b", "a"], share)
        assert chosen.any()
        assert not chosen.all()
        assert chosen[0] == chosen[2]
