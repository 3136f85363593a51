"""Makes the packages `basicsr` and `gfpgan` importable beside a torchvision from 0.17 on.

They import `torchvision.transforms.functional_tensor`, which that version removed; the one function that they use moved
to `torchvision.transforms.functional`. Nothing of ours needs them: this is for those who installed them.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType

_REMOVED = "torchvision.transforms.functional_tensor"
_SUCCESSOR = "torchvision.transforms.functional"


def apply_fix() -> bool:
    """Put a module of the removed name in place, for this process; nothing on the disk changes.

    False where there is nothing to mend: no torchvision, or one that still has the module.
    """
    if _REMOVED in sys.modules or not _exists("torchvision") or _exists(_REMOVED):
        return False
    alias = ModuleType(_REMOVED, f"Stands for a module that torchvision removed; see {_SUCCESSOR}.")
    alias.__dict__["rgb_to_grayscale"] = importlib.import_module(_SUCCESSOR).rgb_to_grayscale
    sys.modules[_REMOVED] = alias
    return True


def _exists(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False
