"""How each step's outcome is kept: plain values as JSON, frames as files; nothing that could run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import polars as pl
from pydantic import TypeAdapter

from linkage.clean import ColumnHealth
from linkage.errors import ContractError
from linkage.harm.measured import Measured
from linkage.link import LinkResult
from linkage.link.block import Blocked
from linkage.link.model import Model
from linkage.population import Population
from linkage.read import RawSource
from linkage.read.parts import Headers
from linkage.shelf import Lists

T = TypeVar("T")


@dataclass(frozen=True)
class Kept:
    """What a finished step hands on.

    Attributes:
        plain: what JSON can say.
        frames: frames by name.
        read: content hash of the source that was read, if the step has read one.
    """

    plain: Any = None
    frames: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    read: str | None = None


@dataclass(frozen=True)
class Form(Generic[T]):
    """How the outcome of a step is kept and had back.

    Attributes:
        keep: the outcome as it is kept.
        recall: the same outcome, of what was kept.
        lets_go: whether its frames are large: they are not held once they are put aside, but read
            again by whoever asks for them (:mod:`linkage.shelf`).
    """

    keep: Callable[[T], Kept]
    recall: Callable[[Kept], T]
    lets_go: bool = False

    def put_aside(self, made: T, place: Path | None) -> T:
        """The outcome with its frames below a folder, where it lets go of them and there is one."""
        if place is None or not self.lets_go:
            return made
        kept = self.keep(made)
        return self.recall(replace(kept, frames=Lists.of(kept.frames, place)))


def plain(kind: Any) -> Form[Any]:
    """Values without frames: dataclasses, tuples and mappings of numbers and texts.

    Example:
        >>> form = plain(tuple[int, ...])
        >>> form.keep((1, 2)).plain, form.recall(Kept([1, 2]))
        ([1, 2], (1, 2))
    """
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    return Form(
        lambda made: Kept(adapter.dump_python(made, mode="json")),
        lambda kept: adapter.validate_python(kept.plain),
    )


LISTS: Final[Form[Mapping[str, pl.DataFrame]]] = Form(
    lambda made: Kept(None, made), lambda kept: kept.frames, lets_go=True
)
"""Lists by name, in their order."""


def of_source(columns: Headers, folder: Path | None) -> Form[RawSource]:
    """A source that was read: its rows stay where they were put aside.

    Args:
        columns: the source's mapping.
        folder: where rows are put aside.
    """

    def keep(source: RawSource) -> Kept:
        facts = {"height": source.height, "source": source.source, "rows": source.kept()}
        return Kept(facts, {"rejects": source.rejects}, source.source["content_hash"])

    def recall(kept: Kept) -> RawSource:
        rows = [folder / name if folder and name else None for name in kept.plain["rows"]]
        return RawSource.found(
            kept.plain["height"], kept.frames["rejects"], kept.plain["source"], rows, columns
        )

    return Form(keep, recall)


HEALTH: Final[Form[tuple[ColumnHealth, ...]]] = plain(tuple[ColumnHealth, ...])
"""A cleaned registry: how readable its columns are."""

MEASURED: Final[Form[Measured | None]] = plain(Measured | None)
"""The trial of its links."""

POPULATION: Final[Form[tuple[Population, tuple[ColumnHealth, ...]]]] = plain(
    tuple[Population, tuple[ColumnHealth, ...]]
)
"""The loaded population, its tables are in the engine; and how readable its columns are."""

_COUNTS: Final = TypeAdapter(Blocked)
_WEIGHTS: Final = TypeAdapter(dict[str, dict[str, tuple[float, float]]])


def _adapted(model: Model) -> dict[str, Any]:
    """What linking changes of a model."""
    return {
        "weights": model.weights,
        "number_m": model.number_m,
        "holder_bits": model.holder_bits,
    }


def of_link(given: Model) -> Form[LinkResult]:
    """A linked registry: what comparisons there are is code, only their weights are kept.

    Args:
        given: the model before it was adapted.
    """

    def keep(link: LinkResult) -> Kept:
        if replace(given, **_adapted(link.model)) != link.model:
            message = "linking changed more of the model than is kept for a continued run"
            raise ContractError(
                message,
                expected="other weights, number_m and holder_bits, the rest as given",
                found="a difference elsewhere",
                hint="this is a fault of the toolkit, please report it",
            )
        return Kept(
            {
                "subjects": link.subjects,
                "settled": link.settled,
                "candidates": link.candidates,
                "blocked": _COUNTS.dump_python(link.blocked, mode="json"),
                **_adapted(link.model),
            }
        )

    def recall(kept: Kept) -> LinkResult:
        found = kept.plain
        weights = _WEIGHTS.validate_python(found["weights"])
        return LinkResult(
            found["subjects"],
            found["settled"],
            _COUNTS.validate_python(found["blocked"]),
            found["candidates"],
            replace(
                given,
                weights=weights,
                number_m=found["number_m"],
                holder_bits=found["holder_bits"],
            ),
        )

    return Form(keep, recall)
