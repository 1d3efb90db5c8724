"""Names of one registry's engine tables, so that the steps agree on them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LinkTables:
    """Engine tables of one registry; people and records are integer indices in all of them.

    Example:
        >>> LinkTables("sim").candidates
        'sim_candidates'
    """

    registry: str

    @property
    def cleaned(self) -> str:
        """Cleaned values of the registry."""
        return f"{self.registry}_cleaned"

    @property
    def rows(self) -> str:
        """Hash of every row as the source holds it, where a run keeps its state."""
        return f"{self.registry}_rows"

    @property
    def facts(self) -> str:
        """What deciding must know of a record beside its candidates."""
        return f"{self.registry}_facts"

    @property
    def features(self) -> str:
        """Features of every record."""
        return f"{self.registry}_features"

    @property
    def subjects(self) -> str:
        """Features of the records that may be linked: people, not organisations."""
        return f"{self.registry}_subjects"

    @property
    def told(self) -> str:
        """Pairs that people have judged: ``idx_l, idx_r, is_right``."""
        return f"{self.registry}_told"

    @property
    def settled(self) -> str:
        """Records that the exact pass settled."""
        return f"{self.registry}_settled"

    @property
    def residual(self) -> str:
        """Features of the records that it did not."""
        return f"{self.registry}_residual"

    @property
    def pairs(self) -> str:
        """Pairs that blocking proposes."""
        return f"{self.registry}_pairs"

    @property
    def candidates(self) -> str:
        """Scored pairs: ``idx_l, idx_r, match_weight``, ``gamma_*`` levels, ``w_*`` weights."""
        return f"{self.registry}_candidates"

    @property
    def owners(self) -> str:
        """Who owns a record's number."""
        return f"{self.registry}_owners"

    @property
    def ranked(self) -> str:
        """Candidates with rank and probability among the record's candidates."""
        return f"{self.registry}_ranked"

    @property
    def rivalry(self) -> str:
        """What other records' claims add to a candidate's weight, in bits."""
        return f"{self.registry}_rivalry"

    @property
    def borrowed(self) -> str:
        """Records whose number is one person's while name and birth date are not."""
        return f"{self.registry}_borrowed"

    @property
    def decisions(self) -> str:
        """One decision per record."""
        return f"{self.registry}_decisions"

    @property
    def cases(self) -> str:
        """One row per record with everything that a rule may ask about."""
        return f"{self.registry}_cases"

    @property
    def all(self) -> tuple[str, ...]:
        """Every table of the registry."""
        return (
            self.cleaned, self.facts, self.features, self.subjects, self.told, self.settled,
            self.residual, self.pairs, self.candidates, self.owners, self.ranked, self.rivalry,
            self.borrowed, self.decisions, self.cases, self.rows,
        )  # fmt: skip
