# The kernels of a GPU: are they right, and how fast are they? Needs this folder, and a Python with torch and triton.
PYTHON ?= python3
OUT ?= build/gpu

gpu-check:
	PYTHONPATH=src $(PYTHON) -m elman.bench.gpu --out $(OUT)

.PHONY: gpu-check
