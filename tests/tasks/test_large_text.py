"""A text larger than the memory that training on it takes."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

GIGABYTE = 10**9
SIZE = 5 * GIGABYTE
BOUND = 1.5 * GIGABYTE
# All pages that the process ever had at once, those of files that it mapped included.
TRAIN = """
import re, sys, torch
from itertools import islice
from pathlib import Path
from elman.tasks.language.config import LanguageConfig
from elman.tasks.language.data import LanguageData
from elman.tasks.language.model import LanguageModel

config = LanguageConfig(hidden_size=64, layers=1, sequence_length=256, batch_size=256)
data = LanguageData.read(Path(sys.argv[1]), config, seed=1)
model = LanguageModel(config, data.vocabulary)
optimizer = torch.optim.AdamW(model.parameters())
for batch in islice(data.train.epoch(0), 4):
    objective = model.objective(batch, None)
    optimizer.zero_grad()
    objective.loss.backward()
    optimizer.step()
symbols = sum(batch.symbols for batch in islice(data.train.epoch(0, start=len(data.train) // 2), 16_000))
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
print(len(data.held_out), symbols, 1024 * int(peak[1]))
"""


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="reads the peak of memory from Linux")
def test_five_gigabytes_of_text_train_within_a_gigabyte_and_a_half(tmp_path):
    free = shutil.disk_usage(tmp_path).free
    if free < 2.2 * SIZE:
        pytest.skip(f"the text and its numbers need {2.2 * SIZE:.1e} bytes of disk, and {free:.1e} are free")
    random = np.random.default_rng(1)
    block = random.choice(np.frombuffer(b"abcdefghijklmnopqrstuvwxyz \n", np.uint8), 10**7).tobytes()
    with (tmp_path / "large.txt").open("wb") as file:
        for _ in range(SIZE // len(block)):
            file.write(block)
    try:
        environment = {**os.environ, "ELMAN_CACHE": str(tmp_path / "cache")}
        command = [sys.executable, "-c", TRAIN, str(tmp_path / "large.txt")]
        child = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert child.returncode == 0, child.stderr
    finally:
        shutil.rmtree(tmp_path)
    held_out, symbols, peak = map(int, child.stdout.split())
    assert (held_out, symbols) == (SIZE // 10, 16_000 * 256 * 256)
    assert peak < BOUND
    print(f"peak {peak / 1e6:.0f} MB")
