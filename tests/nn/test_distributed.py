"""DistributedDataParallel around a model with elman's layers: two processes against one with both batches."""

import subprocess
import sys

import torch

import elman

PROCESS = """
import sys
import torch
from torch import distributed
from torch.nn.parallel import DistributedDataParallel
import elman

rank, folder = int(sys.argv[1]), sys.argv[2]
distributed.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=2)
torch.manual_seed(rank)  # the weights of the first process are sent to the other
layer = elman.Recurrent("lstm", 5, 8, num_layers=2, bidirectional=True)
model = DistributedDataParallel(layer)
x = torch.load(f"{folder}/x")[:, 4 * rank : 4 * rank + 4]
optimiser = torch.optim.SGD(model.parameters(), 0.1)
for _ in range(3):
    optimiser.zero_grad()
    model(x)[0].square().mean().backward()
    optimiser.step()
torch.save(layer.state_dict(), f"{folder}/weights{rank}")
distributed.destroy_process_group()
"""


def test_two_processes_learn_what_one_learns_from_both_batches(tmp_path):
    x = torch.randn(6, 8, 5)
    torch.save(x, tmp_path / "x")
    processes = [
        subprocess.Popen([sys.executable, "-c", PROCESS, str(rank), str(tmp_path)]) for rank in range(2)
    ]
    assert [process.wait(120) for process in processes] == [0, 0]

    torch.manual_seed(0)
    layer = elman.Recurrent("lstm", 5, 8, num_layers=2, bidirectional=True)
    optimiser = torch.optim.SGD(layer.parameters(), 0.1)
    for _ in range(3):
        optimiser.zero_grad()
        layer(x)[0].square().mean().backward()
        optimiser.step()
    for rank in range(2):
        found = torch.load(tmp_path / f"weights{rank}")
        for name, weight in layer.state_dict().items():
            torch.testing.assert_close(found[name], weight)
