"""The providers that tests talk to. Those that the demo has as well are in `jack/demo/simulators/`, and have a second name here.

`tests.peers.meta` is `jack.demo.simulators.meta`: the same module, not a copy of it.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys

from jack.demo import simulators

for _found in pkgutil.iter_modules(simulators.__path__):
    if _found.name != "__main__":
        _module = importlib.import_module(f"{simulators.__name__}.{_found.name}")
        sys.modules[f"tests.peers.{_found.name}"] = _module
        globals()[_found.name] = _module
