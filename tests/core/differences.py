"""Derivatives by central differences, the judge of every derivative in these tests; float64 throughout."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def central_differences(function: Callable[[], float], array: Array, step: float = 1e-6) -> Array:
    """Returns ∂function/∂array; the function reads the array, which is changed in place and put back."""
    gradient = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        kept = array[index]
        array[index] = kept + step
        above = function()
        array[index] = kept - step
        below = function()
        array[index] = kept
        gradient[index] = (above - below) / (2 * step)
    return gradient


def slope(function: Callable[[], float], array: Array, direction: Array, step: float = 1e-6) -> float:
    """Returns the derivative of the function along a direction of the array that it reads."""
    kept = array.copy()
    array += step * direction
    above = function()
    array[...] = kept - step * direction
    below = function()
    array[...] = kept
    return (above - below) / (2 * step)
