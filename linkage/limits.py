"""How much memory a job may take, and what of it the engine gets.

``engine: memory_limit`` is meant for the whole process. The engine knows no more than its own tables
and hash tables; beside them stand the program with its libraries, a piece of a source being cleaned,
and one list being made. What those take was measured; the rest is the engine's.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

GB: Final = 1e9
_UNITS: Final = {"K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_POWERS: Final = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}

PROGRAM: Final = 0.9 * GB
"""The program itself, its libraries, and one piece of a source at work."""
OF_A_LIST: Final = 350.0
"""Bytes for each record of the largest registry: its longest list as it is made and put aside."""
LEAST_SHARE: Final = 0.4
"""What the engine gets of a limit that is too small for what stands beside it."""


def beside(records: int) -> float:
    """Bytes that a process takes beside its engine.

    Args:
        records: of the largest registry.
    """
    return PROGRAM + OF_A_LIST * records


def share(given: str, taken: float) -> float:
    """The engine's part of a memory limit, in bytes.

    Args:
        given: the limit of the whole process, as DuckDB writes it.
        taken: bytes that stand beside the engine.

    Example:
        >>> share("4GB", 1e9), share("1GB", 1e9)
        (3000000000.0, 400000000.0)
    """
    limit = in_bytes(given)
    return max(limit - taken, LEAST_SHARE * limit)


def in_bytes(given: str, machine: float | None = None) -> float:
    """A limit as DuckDB writes it.

    Args:
        given: ``4GB``, ``512MiB``, ``60%``.
        machine: what a percentage is of; this machine's memory by default.

    Example:
        >>> in_bytes("4GB"), in_bytes("512 MiB"), in_bytes("50%", 8e9)
        (4000000000.0, 536870912.0, 4000000000.0)
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?(?:([KMGT])(i?)B|%)", given)
    assert found is not None, "checked when the job was loaded"
    number, unit, binary = float(found[1]), found[2], found[3]
    if unit is None:
        return (machine or machine_memory() or 16 * GB) * number / 100
    return number * (_POWERS if binary else _UNITS)[unit]


def machine_memory() -> float | None:
    """Bytes of memory of this machine, or of the container; None where the system does not say."""
    try:
        whole = float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (ValueError, OSError):
        return None
    limit = Path("/sys/fs/cgroup/memory.max")
    text = limit.read_text(encoding="ascii").strip() if limit.is_file() else "max"
    return min(whole, float(text)) if text.isdigit() else whole
