"""Fingerprints: of values, and of the code that made something with the tables beside it."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Final

import cleaners

_PACKAGES: Final = {
    "cleaners": Path(cleaners.__file__).parent,
    "linkage": Path(__file__).parent,
}


def value_hash(value: object) -> str:
    """SHA-256 of a value as canonical JSON; what JSON does not know counts as its text.

    Example:
        >>> value_hash({"a": 1, "b": 2}) == value_hash({"b": 2, "a": 1})
        True
    """
    canonical = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


@cache
def code_hash(*parts: str) -> str:
    """Hash of the code below some places of the packages, the tables that lie beside it included.

    Args:
        parts: folders or modules, as ``cleaners`` or ``linkage/clean.py``.

    Returns:
        64 hexadecimal digits; the same for the same files, wherever they are installed.

    Example:
        >>> code_hash("cleaners") == code_hash("cleaners"), len(code_hash("cleaners"))
        (True, 64)
        >>> code_hash("cleaners") == code_hash("cleaners/text.py")
        False
    """
    digest = hashlib.sha256()
    for part in parts:
        package, _, below = part.partition("/")
        root = _PACKAGES[package]
        place = root / below
        files = sorted(place.rglob("*")) if place.is_dir() else [place]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(f"{package}/{file.relative_to(root).as_posix()}\0".encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
