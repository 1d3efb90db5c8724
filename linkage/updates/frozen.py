"""What a run has learnt of a registry, for runs that take it as it is.

A run adapts its weights to its records, estimates how many of their holders are in the register, and
sees what other registries show of people. Records that are linked alone, later, must be linked as
those were: with the same figures. So an update takes them from the run whose lists it carries on; and
a run of all records that is given the same (``run(frozen=…)``) must come to the same lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from linkage.harm.measured import Measured
from linkage.link.model import Model
from linkage.link.posterior import Shares


@dataclass(frozen=True)
class Frozen:
    """What one registry's run has learnt.

    Attributes:
        weights: m and u by comparison and level, adapted to its records.
        number_m: m of the number, by group of records.
        holder_bits: who holds such records.
        shares: share of holders in the register, by group of the record's number.
        link_threshold: least probability of a link that was in force.
        measured: the trial of its links; None where there was none.
        seen: what the registries before it had shown of people, as a Parquet file; None for nothing.
        taught: the same with what this registry shows.
    """

    weights: dict[str, dict[str, tuple[float, float]]]
    number_m: dict[str, dict[str, float]]
    holder_bits: dict[str, float]
    shares: dict[str, float]
    link_threshold: float
    measured: Measured | None = None
    seen: Path | None = None
    taught: Path | None = None

    @classmethod
    def learnt(
        cls, model: Model, shares: Shares, link_threshold: float, measured: Measured | None
    ) -> Self:
        """What a run has come to; ``model`` is the adapted one."""
        return cls(
            {name: dict(levels) for name, levels in model.weights.items()},
            {group: dict(levels) for group, levels in model.number_m.items()},
            dict(model.holder_bits),
            dict(shares),
            link_threshold,
            measured,
        )

    def of(self, model: Model) -> Model:
        """A registry's model with these weights in place of its own."""
        return replace(
            model, weights=self.weights, number_m=self.number_m, holder_bits=self.holder_bits
        )


FrozenRegistries = Mapping[str, Frozen]
"""By registry."""
