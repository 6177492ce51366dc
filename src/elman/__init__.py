"""Recurrent neural networks whose equations are the program.

The public names are imported when they are first used: `import elman` loads neither torch nor lightning.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from elman.core.errors import CellError as CellError
    from elman.core.errors import ElmanError as ElmanError
    from elman.core.errors import InputError as InputError
    from elman.core.ops import clip as clip
    from elman.core.ops import cos as cos
    from elman.core.ops import exp as exp
    from elman.core.ops import gelu as gelu
    from elman.core.ops import layer_norm as layer_norm
    from elman.core.ops import log as log
    from elman.core.ops import maximum as maximum
    from elman.core.ops import minimum as minimum
    from elman.core.ops import normalize as normalize
    from elman.core.ops import relu as relu
    from elman.core.ops import sigmoid as sigmoid
    from elman.core.ops import sin as sin
    from elman.core.ops import softmax as softmax
    from elman.core.ops import softplus as softplus
    from elman.core.ops import sqrt as sqrt
    from elman.core.ops import tanh as tanh
    from elman.core.ops import where as where
    from elman.core.trace import cell as cell
    from elman.nn.accelerate import accelerate as accelerate
    from elman.nn.decode import Decoding as Decoding
    from elman.nn.recurrent import Recurrent as Recurrent
    from elman.nn.stream import Stream as Stream
    from elman.nn.torch_layers import GRU as GRU
    from elman.nn.torch_layers import LSTM as LSTM
    from elman.nn.torch_layers import RNN as RNN
    from elman.run.choice import kernels as kernels
    from elman.tasks.model_file import load as load
    from elman.training.diagnose import diagnose as diagnose
    from elman.training.find_lr import find_lr as find_lr
    from elman.training.flow import gradient_flow as gradient_flow
    from elman.training.run import train as train
    from elman.training.sweep.search import sweep as sweep

_HOME = {
    "CellError": "elman.core.errors",
    "ElmanError": "elman.core.errors",
    "InputError": "elman.core.errors",
    "cell": "elman.core.trace",
    "accelerate": "elman.nn.accelerate",
    "GRU": "elman.nn.torch_layers",
    "LSTM": "elman.nn.torch_layers",
    "RNN": "elman.nn.torch_layers",
    "Recurrent": "elman.nn.recurrent",
    "Decoding": "elman.nn.decode",
    "Stream": "elman.nn.stream",
    "kernels": "elman.run.choice",
    "diagnose": "elman.training.diagnose",
    "load": "elman.tasks.model_file",
    "train": "elman.training.run",
    "find_lr": "elman.training.find_lr",
    "gradient_flow": "elman.training.flow",
    "sweep": "elman.training.sweep.search",
    # what equations may call; not abs, a name that Python has already
    "clip": "elman.core.ops",
    "cos": "elman.core.ops",
    "exp": "elman.core.ops",
    "gelu": "elman.core.ops",
    "layer_norm": "elman.core.ops",
    "log": "elman.core.ops",
    "maximum": "elman.core.ops",
    "minimum": "elman.core.ops",
    "normalize": "elman.core.ops",
    "relu": "elman.core.ops",
    "sigmoid": "elman.core.ops",
    "sin": "elman.core.ops",
    "softmax": "elman.core.ops",
    "softplus": "elman.core.ops",
    "sqrt": "elman.core.ops",
    "tanh": "elman.core.ops",
    "where": "elman.core.ops",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'elman' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
