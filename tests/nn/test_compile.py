"""Models with elman's layers under torch.compile against the same models without it."""

import torch

import elman


class Model(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = torch.nn.Embedding(9, 6)
        self.first = elman.LSTM(6, 8, bidirectional=True)
        self.second = elman.Recurrent("gru", 16, 5, num_layers=2)
        self.head = torch.nn.Linear(5, 9)

    def forward(self, x):
        hidden, _ = self.first(self.embedding(x))
        hidden, _ = self.second(torch.relu(hidden))
        return self.head(hidden)


def test_a_compiled_model_computes_and_learns_the_same():
    model, x = Model(), torch.randint(0, 9, (7, 3))
    expected = model(x)
    wanted = torch.autograd.grad(expected.square().sum(), list(model.parameters()))
    found = torch.compile(model, backend="aot_eager")(x)
    torch.testing.assert_close(found, expected)
    gradients = torch.autograd.grad(found.square().sum(), list(model.parameters()))
    torch.testing.assert_close(gradients, wanted)
