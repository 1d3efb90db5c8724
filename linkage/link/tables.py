"""Names of one registry's engine tables, so that the steps agree on them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LinkTables:
    """Engine tables of one registry; people and records are integer indices in all of them.

    Attributes:
        registry: whose they are.
        some: which of its records, where they are not all of them.

    Example:
        >>> LinkTables("sim").candidates, LinkTables("sim", "new").candidates
        ('sim_candidates', 'sim__new_candidates')
    """

    registry: str
    some: str = ""

    @property
    def _stem(self) -> str:
        return f"{self.registry}__{self.some}" if self.some else self.registry

    @property
    def cleaned(self) -> str:
        """Cleaned values of the registry."""
        return f"{self._stem}_cleaned"

    @property
    def rows(self) -> str:
        """Hash of every row as the source holds it, where a run keeps its state."""
        return f"{self._stem}_rows"

    @property
    def facts(self) -> str:
        """What deciding must know of a record beside its candidates."""
        return f"{self._stem}_facts"

    @property
    def features(self) -> str:
        """Features of every record."""
        return f"{self._stem}_features"

    @property
    def subjects(self) -> str:
        """Features of the records that may be linked: people, not organisations."""
        return f"{self._stem}_subjects"

    @property
    def told(self) -> str:
        """Pairs that people have judged: ``idx_l, idx_r, is_right``."""
        return f"{self._stem}_told"

    @property
    def settled(self) -> str:
        """Records that the exact pass settled."""
        return f"{self._stem}_settled"

    @property
    def residual(self) -> str:
        """Features of the records that it did not."""
        return f"{self._stem}_residual"

    @property
    def pairs(self) -> str:
        """Pairs that blocking proposes."""
        return f"{self._stem}_pairs"

    @property
    def candidates(self) -> str:
        """Scored pairs: ``idx_l, idx_r, match_weight``, ``gamma_*`` levels, ``w_*`` weights."""
        return f"{self._stem}_candidates"

    @property
    def owners(self) -> str:
        """Who owns a record's number."""
        return f"{self._stem}_owners"

    @property
    def ranked(self) -> str:
        """Candidates with rank and probability among the record's candidates."""
        return f"{self._stem}_ranked"

    @property
    def rivalry(self) -> str:
        """What other records' claims add to a candidate's weight, in bits."""
        return f"{self._stem}_rivalry"

    @property
    def borrowed(self) -> str:
        """Records whose number is one person's while name and birth date are not."""
        return f"{self._stem}_borrowed"

    @property
    def decisions(self) -> str:
        """One decision per record."""
        return f"{self._stem}_decisions"

    @property
    def attached(self) -> str:
        """Whose the records are that are linked to nobody, by comparison with others."""
        return f"{self._stem}_attached"

    @property
    def cases(self) -> str:
        """One row per record with everything that a rule may ask about."""
        return f"{self._stem}_cases"

    @property
    def all(self) -> tuple[str, ...]:
        """Every table of the registry."""
        return (
            self.cleaned, self.facts, self.features, self.subjects, self.told, self.settled,
            self.residual, self.pairs, self.candidates, self.owners, self.ranked, self.rivalry,
            self.borrowed, self.decisions, self.cases, self.rows, self.attached,
        )  # fmt: skip
