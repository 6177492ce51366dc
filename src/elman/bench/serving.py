"""The other end of `process.Worker`: requests in, answers out, a line of JSON each."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any


def serve(requests: Mapping[str, Callable[..., Any]]) -> None:
    """Answers requests, each by the function of its name, until there are no more."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever else is printed must not look like an answer
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"answer": requests[request.pop("do")](**request)}
        except Exception as error:
            traceback.print_exc()
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)
