"""Training: `elman.train(task, data, **options)`, on Lightning's loop."""

import sys
from types import ModuleType
from typing import Any


class _CallableModule(ModuleType):
    """The module `elman.train`, which is called as the function `elman.train.run.train`."""

    def __call__(self, task: str, data: Any = None, **options: Any) -> Any:
        """See `elman.train.run.train`."""
        from elman.train.run import train

        return train(task, data, **options)


# Importing a submodule binds its name in the package, so a function elman.train would not outlive the first
# import of anything from this folder.
sys.modules[__name__].__class__ = _CallableModule
