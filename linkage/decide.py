"""Decisions: candidates become one row per record, with the reasons.

The probability of a candidate is taken over *all* candidates of the record and the possibility that
its holder is not in the register (:mod:`linkage.link.posterior`). Doubt goes to review; a number that
is one person's while name and birth date are not goes to review as a borrowed number, linked to
neither.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import polars as pl

from linkage.engines.duckdb import DuckDBEngine
from linkage.link.competition import compete
from linkage.link.model import FieldComparison, Model
from linkage.link.pairing import Pairing
from linkage.link.posterior import Shares, rank_candidates
from linkage.link.tables import LinkTables
from linkage.link.told import DECIDED_BY
from linkage.looked_up import differing_fields, owners
from linkage.population import people_with
from linkage.thresholds import Thresholds, link_threshold

STILL_THE_HOLDERS: Final = 0.03
"""Share of a candidate's probability that is left where the number looks borrowed: the weights take a
number that agrees for a holder's own, and do not know of borrowing."""


@dataclass(frozen=True)
class DecisionInput:
    """What deciding needs beside the tables.

    Attributes:
        model: comparisons, to read the levels of the candidates.
        pairing: which fields the two sides share.
        thresholds: limits.
        people: table of population features.
        shares: share of holders in the register, by group of the record's number.
        lawful: holdings that a person may have; None for any number.
        holding: column of the cleaned registry whose distinct values are the holdings.
        link: least probability of a link that a former run had in force, to be taken as it is; None
            for the one that these records show (:func:`linkage.thresholds.link_threshold`).
        differing: whether anybody asks which fields differ; if not, none do.
    """

    model: Model
    pairing: Pairing
    thresholds: Thresholds
    people: str
    shares: Shares = field(default_factory=dict)
    lawful: int | None = None
    holding: str | None = None
    link: float | None = None
    differing: bool = True


def decide(
    engine: DuckDBEngine,
    given: DecisionInput,
    tables: LinkTables,
    *,
    rivalry: pl.DataFrame | None = None,
) -> float:
    """Decide every record of a registry into ``tables.decisions``.

    One row per cleaned record: ``idx, link_status, person, candidate, other_candidate, owner,
    outcome, diff_fields, match_weight, match_probability, runner_up, runner_up_margin, decided_by,
    reasons``, with people as integer indices.

    Args:
        engine: where the tables are.
        given: model, fields, thresholds.
        tables: names; ``cleaned``, ``features``, ``subjects``, ``settled`` and ``candidates`` are
            read.
        rivalry: what the competition adds to weights (:func:`linkage.link.competition.rivalry`),
            where that is known already: the records are some of those that compete.

    Returns:
        The least probability of a link that was in force (:func:`link_threshold`).
    """
    # What was seen of people elsewhere is asked for by the fields that differ alone.
    registered = replace(given, people=people_with(engine, given.people, ()))
    engine.run(owners(tables, given.model, registered.people))
    if rivalry is None:
        rank_candidates(engine, tables, given.shares)
        compete(engine, tables, given.shares, lawful=given.lawful, holding=given.holding)
    else:
        engine.put(tables.rivalry, rivalry)
        rank_candidates(engine, tables, given.shares, rivalry=True)
    engine.run(_borrowed(given, tables))
    link = given.link
    if link is None:
        link = link_threshold(engine, given.thresholds, tables)
    fields = "SELECT *, []::VARCHAR[] AS diff_fields FROM decided"
    if given.differing:
        differing = differing_fields(tables, given.model, given.people, given.pairing.own)
        fields = (
            "SELECT d.*, coalesce(f.diff_fields, []) AS diff_fields"
            f" FROM decided d LEFT JOIN ({differing}) f USING (idx)"
        )
    engine.run(
        f'CREATE OR REPLACE TABLE "{tables.decisions}" AS'
        f" WITH decided AS ({_decisions(registered, tables, link)}) {fields}"
    )
    return link


def decisions_of(engine: DuckDBEngine, tables: LinkTables) -> pl.DataFrame:
    """The decisions of a registry (:func:`decide`) as a frame, in order of ``idx``."""
    return engine.frame(f'SELECT * FROM "{tables.decisions}" ORDER BY idx')


def _levels(compared: FieldComparison | None, labels: tuple[str, ...], absent: str) -> str:
    """SQL that holds where a candidate's gamma is one of the levels."""
    if compared is None:
        return absent
    numbers = ", ".join(str(compared.gamma(label)) for label in labels)
    return f'"gamma_{compared.name}" IN ({numbers})'


def _borrowed(given: DecisionInput, tables: LinkTables) -> str:
    """Records whose number is one person's while name and birth date are not.

    Either nothing but the number fits its owner (another name altogether, or a name that only
    resembles and a record that as a whole is rather somebody else's), or somebody else fits name and
    birth date while the owner does not fit both. A number one edit away from that other person's
    own is a typing error that happens to hit somebody, not a borrowed number.
    """
    name, birth = given.model.compared("person_name"), given.model.compared("birth_date")
    number = given.model.compared("personal_id")
    sure = (
        "same name",
        "abbreviated",
        "other order",
        "kindred spelling",
        "abbreviated, other order",
    )
    sure_name = _levels(name, sure, "true")
    close_name = _levels(name, (*sure, "one edit apart"), "true")
    other_name = _levels(name, ("same given name", "differ"), "false")
    same_birth = _levels(birth, ("same date",), "false")
    unlike_birth = _levels(birth, ("same day and month", "same year", "differ"), "true")
    if birth is not None:
        unlike_birth = f'({unlike_birth} OR "gamma_{birth.name}" = -1)'
    typed = _levels(number, ("one edit apart",), "false")
    return (
        f'CREATE OR REPLACE TABLE "{tables.borrowed}" AS WITH pairs AS ('
        f' SELECT c.*, o.owner IS NOT NULL AS owns FROM "{tables.candidates}" c'
        f' LEFT JOIN "{tables.owners}" o ON o.idx = c.idx_l AND o.owner = c.idx_r), '
        "per_record AS (SELECT idx_l,"
        f" bool_or(owns) AND bool_and({unlike_birth} AND ({other_name}"
        f" OR (NOT ({sure_name}) AND match_weight < 0))) FILTER (owns) AS alien,"
        f" bool_or(owns) AND bool_and(NOT ({sure_name}) OR {unlike_birth}) FILTER (owns) AS unlike,"
        f" bool_or(NOT owns AND {close_name} AND {same_birth}) AS other_fits,"
        f" bool_or(NOT owns AND {close_name} AND {typed}) AS mistyped,"
        " max(match_weight) FILTER (owns) AS owner_weight,"
        " max(match_weight) FILTER (NOT owns AND match_weight > -3) AS other_weight"
        " FROM pairs GROUP BY idx_l),"
        " few AS (SELECT idx_l, owner_weight, other_weight FROM per_record"
        " WHERE NOT mistyped AND (alien OR (unlike AND other_fits)))"
        # Of several who weigh the same the first in the register: otherwise it would be anyone.
        " SELECT f.idx_l AS idx,"
        " min(p.idx_r) FILTER (p.owns AND p.match_weight = f.owner_weight) AS owner,"
        " min(p.idx_r) FILTER (NOT p.owns AND p.match_weight = f.other_weight) AS other"
        " FROM few f JOIN pairs p ON p.idx_l = f.idx_l GROUP BY f.idx_l"
    )


def _decisions(given: DecisionInput, tables: LinkTables, link: float) -> str:
    """One row per record: its disposition, and why."""
    limits = given.thresholds
    twins, namesakes = _likeness(given)
    seen = _seen_elsewhere(given.model)
    return f"""
    WITH look_up AS (
        SELECT idx, bool_or(agrees) AS agrees, min(owner) AS owner
        FROM "{tables.owners}" GROUP BY idx
    ),
    -- Few have a second candidate that near: their features are all that is read of people.
    close AS (
        SELECT idx_l AS idx, {twins} AS twins, {namesakes} AS namesakes
        FROM "{tables.ranked}" c JOIN "{given.people}" p ON p.idx = c.idx_r
        JOIN "{given.people}" q ON q.idx = c.next_idx
        WHERE c.rank = 1 AND c.margin < {limits.margin}
    ),
    facts AS (
        SELECT r.idx, r.subject_type, r.number_state, r.can_link, r.lacks_required,
            s.idx_r AS settled, s.match_weight AS settled_weight, s.decided_by AS settled_by,
            b.idx IS NOT NULL AS borrowed, b.owner AS borrowed_from, b.other AS borrowed_for,
            c.idx_r AS best, c.match_weight AS weight, c.probability, c.next_idx, c.margin,
            coalesce(c.next_bits < -1, false) AS rivalled,
            c.alone AS pair_probability,
            coalesce(c.margin < {limits.margin}, false) AS is_close,
            coalesce(n.twins, false) AS twins, coalesce(n.namesakes, false) AS namesakes,
            {seen} AS seen,
            l.owner, l.agrees AS look_up_agrees,
            r.idx IN (SELECT idx_l FROM "{tables.told}" WHERE NOT is_right) AS refused
        FROM "{tables.facts}" r
        LEFT JOIN "{tables.settled}" s ON s.idx_l = r.idx
        LEFT JOIN "{tables.borrowed}" b ON b.idx = r.idx
        LEFT JOIN "{tables.ranked}" c ON c.idx_l = r.idx AND c.rank = 1
        LEFT JOIN close n ON n.idx = r.idx
        LEFT JOIN look_up l ON l.idx = r.idx
    ),
    judged AS (
        SELECT *, CASE
            WHEN subject_type = 'organisation' THEN 'not_applicable'
            WHEN settled IS NOT NULL THEN 'linked'
            WHEN borrowed THEN 'review'
            WHEN probability >= {link!r} AND NOT is_close THEN 'linked'
            WHEN pair_probability >= {limits.review} THEN 'review'
            ELSE 'unlinked' END AS link_status
        FROM facts
    )
    SELECT idx, link_status,
        CASE WHEN link_status = 'linked' THEN coalesce(settled, best) END AS person,
        coalesce(settled, CASE WHEN borrowed THEN borrowed_from END, best) AS candidate,
        CASE WHEN borrowed THEN borrowed_for END AS other_candidate,
        owner,
        CASE
            WHEN link_status = 'not_applicable' OR number_state = 'none' THEN 'NOT_CHECKED'
            WHEN number_state = 'malformed' THEN 'BAD_ID'
            WHEN look_up_agrees THEN 'MATCH'
            WHEN owner IS NOT NULL THEN 'FIELD_DIFF'
            WHEN number_state = 'foreign' THEN 'NOT_CHECKED'
            ELSE 'NOT_FOUND' END AS outcome,
        coalesce(settled_weight, weight) AS match_weight,
        CASE WHEN settled_by = '{DECIDED_BY}' THEN 1
             WHEN settled IS NOT NULL THEN 1 / (1 + pow(2, -settled_weight))
             WHEN borrowed THEN probability * {STILL_THE_HOLDERS}
             ELSE probability END AS match_probability,
        CASE WHEN settled IS NULL THEN next_idx END AS runner_up,
        CASE WHEN settled IS NULL THEN margin END AS runner_up_margin,
        CASE
            WHEN settled IS NOT NULL THEN settled_by
            WHEN link_status IN ('linked', 'review') OR best IS NOT NULL THEN 'model'
            ELSE 'none' END AS decided_by,
        list_filter([
            CASE WHEN link_status = 'not_applicable' THEN 'ORGANISATION'
                 WHEN settled_by = '{DECIDED_BY}' THEN 'CONFIRMED_LINK'
                 WHEN settled IS NOT NULL THEN 'AGREES_EXACTLY'
                 WHEN borrowed THEN 'BORROWED_ID'
                 WHEN link_status = 'linked' THEN 'ABOVE_THRESHOLD'
                 WHEN link_status = 'review' AND is_close THEN 'LOW_MARGIN'
                 WHEN link_status = 'review' THEN 'BETWEEN_THRESHOLDS'
                 WHEN best IS NOT NULL THEN 'BELOW_THRESHOLD'
                 WHEN can_link THEN 'NO_CANDIDATE'
                 ELSE 'NOTHING_TO_LINK_ON' END,
            CASE WHEN link_status = 'review' AND NOT borrowed AND is_close AND twins
                 THEN 'TWINS' END,
            CASE WHEN link_status = 'review' AND NOT borrowed AND is_close AND namesakes
                 THEN 'NAMESAKES' END,
            CASE WHEN settled IS NULL AND link_status = 'linked' AND seen THEN 'SEEN_ELSEWHERE' END,
            CASE WHEN settled IS NULL AND link_status = 'linked' AND rivalled
                 THEN 'HELD_BY_ANOTHER' END,
            CASE WHEN link_status = 'unlinked' AND lacks_required THEN 'MISSING_REQUIRED' END,
            CASE WHEN refused THEN 'REFUSED_LINK' END
        ], lambda reason: reason IS NOT NULL) AS reasons
    FROM judged
    """


def _seen_elsewhere(model: Model) -> str:
    """SQL that holds where the best candidate agrees with what another registry shows of it."""
    levels = [
        f'coalesce(c."gamma_{compared.name}" = {compared.gamma(level.label)}, false)'
        for compared in model.comparisons
        for level in compared.scored
        if level.label.endswith("seen elsewhere")
    ]
    return " OR ".join(levels).join("()") if levels else "false"


def _likeness(given: DecisionInput) -> tuple[str, str]:
    """Whether the two best candidates are twins, or namesakes: SQL over people ``p`` and ``q``."""
    name, birth = given.model.compared("person_name"), given.model.compared("birth_date")
    address = given.model.compared("address")
    if name is None:
        return "false", "false"
    namesakes = f'coalesce(p."{name.field}__fold" = q."{name.field}__fold", false)'
    if birth is None or address is None:
        return "false", namesakes
    twins = (
        f'coalesce(p."{birth.field}__exact" = q."{birth.field}__exact"'
        f' AND p."{name.field}__family" = q."{name.field}__family"'
        f' AND list_has_any(p."{address.field}__places", q."{address.field}__places"), false)'
    )
    return twins, namesakes
