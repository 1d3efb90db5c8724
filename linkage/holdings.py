"""What counts as a person's holding in a registry, and how many of them are lawful."""

from __future__ import annotations

from linkage.config import RegistryDeclaration


def counted_by(declaration: RegistryDeclaration) -> str | None:
    """Column of the cleaned registry whose distinct values are a person's holdings."""
    return (declaration.holds_by or "").replace(".", "__") or None


def lawful_records(holds: str | int) -> int | None:
    """How many records a person may hold; None for any number.

    Example:
        >>> lawful_records("one"), lawful_records("many"), lawful_records(3)
        (1, None, 3)
    """
    if isinstance(holds, int):
        return holds
    return 1 if holds == "one" else None
