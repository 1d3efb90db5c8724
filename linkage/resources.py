"""What ships beside the code: registry declarations, models, the sample generator.

In a source checkout they lie at the top of the repository; a wheel carries them below
``linkage/_shipped``.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from linkage.errors import ConfigError

_PACKAGE: Final = Path(__file__).resolve().parent
_SHIPPED: Final = _PACKAGE / "_shipped"
_ROOT: Final = _SHIPPED if _SHIPPED.is_dir() else _PACKAGE.parent
_GENERATOR: Final = "linkage_sample_data"
"""Name under which the generator is imported: ``sample_data`` may be anybody's."""


def shipped(*parts: str) -> Path:
    """Where a file or folder that ships with the toolkit lies.

    Args:
        parts: path below the root: ``"configs", "sample.yaml"`` or ``"sample_data"``.

    Raises:
        ConfigError: it does not ship with the toolkit.

    Example:
        >>> shipped("configs", "registries", "sim.yaml").name
        'sim.yaml'
    """
    place = _ROOT.joinpath(*parts)
    if place.exists():
        return place
    msg = f"{'/'.join(parts)} does not ship with this installation"
    raise ConfigError(msg, expected="a file of the repository or the wheel", found="nothing",
                      hint="install the package again, or work in a checkout")  # fmt: skip


def load_sample_generator() -> Callable[..., object]:
    """The function ``generate(directory, people, seed, *, error_scale, communes, ...)``.

    Raises:
        ConfigError: the generator does not ship with this installation.
    """
    name = f"{_GENERATOR}.generate"
    if name not in sys.modules:
        package = shipped("sample_data", "__init__.py")
        spec = importlib.util.spec_from_file_location(
            _GENERATOR, package, submodule_search_locations=[str(package.parent)]
        )
        if spec is None or spec.loader is None:
            msg = "the sample generator cannot be imported"
            raise ConfigError(msg, expected="a Python package", found=str(package))
        module = importlib.util.module_from_spec(spec)
        sys.modules[_GENERATOR] = module
        spec.loader.exec_module(module)
    generate: Callable[..., object] = importlib.import_module(name).generate
    return generate
