"""A cell with numbers: weights, an input, first states, masks, and a linear error, all drawn from a seed."""

from dataclasses import dataclass

import numpy as np

from elman.core import interpret
from elman.core.grad import differentiate
from elman.core.ir import Step
from tests.core.differences import Array

SIZES = {"I": 3, "H": 4, "P": 2, "O": 5}


@dataclass(frozen=True)
class Problem:
    """E = Σ weights · outputs + Σ final_weights · (states after the last step)."""

    step: Step
    x: Array
    states: tuple[Array, ...]
    params: dict[str, Array]
    masks: dict[str, Array]
    weights: Array
    final_weights: tuple[Array, ...]

    @property
    def arrays(self) -> dict[str, Array]:
        """All that the error depends on, by a name that is its own."""
        states = {
            f"state {state.name}": value for state, value in zip(self.step.states, self.states, strict=True)
        }
        return {"x": self.x, **states, **self.params}

    def forward(self) -> interpret.Forward:
        """Runs the interpreter forward."""
        return interpret.forward(self.step, self.x, self.states, self.params, self.masks)

    def error(self) -> float:
        """Returns E."""
        run = self.forward()
        final = sum((w * s).sum() for w, s in zip(self.final_weights, run.final, strict=True))
        return float((self.weights * run.outputs).sum() + final)

    def gradients(self) -> dict[str, Array]:
        """Returns ∂E/∂ each of `arrays`, by the interpreter of the backward step."""
        found = interpret.backward(
            differentiate(self.step),
            self.x,
            self.forward(),
            self.params,
            self.weights,
            self.final_weights,
            self.masks,
        )
        states = {
            f"state {state.name}": value for state, value in zip(self.step.states, found.states, strict=True)
        }
        return {"x": found.x, **states, **found.params}


def problem(step: Step, seed: int = 0, steps: int = 3, batch: int = 2) -> Problem:
    """Draws numbers for a step; states are positive, for cells that divide by one or take its logarithm."""
    rng = np.random.default_rng(seed)

    def draw(*shape: str) -> Array:
        return rng.normal(size=[{"B": batch, "1": 1, **SIZES}[size] for size in shape])

    states = tuple(abs(draw(*state.shape)) for state in step.states)
    return Problem(
        step=step,
        x=rng.normal(size=(steps, batch, SIZES[step.inputs[0].shape[1]])),
        states=states,
        params={param.name: 0.7 * draw(*param.shape) for param in step.params},
        masks={mask.name: rng.random((steps, batch, SIZES[mask.shape[1]])) for mask in step.masks},
        weights=rng.normal(size=(steps, batch, SIZES.get(step.output.shape[1], 1))),
        final_weights=tuple(rng.normal(size=state.shape) for state in states),
    )
