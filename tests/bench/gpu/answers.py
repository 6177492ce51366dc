"""A process that answers without torch, for the tests of the pool."""

import os
import time

from elman.bench.serving import serve


def hang() -> None:
    time.sleep(600)


def fail() -> None:
    raise ValueError("no")


if __name__ == "__main__":
    serve({"pid": os.getpid, "hang": hang, "fail": fail, "end": lambda: os._exit(3)})
