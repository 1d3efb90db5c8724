"""Deciding a linked registry, and learning from it for the registries that follow."""

from __future__ import annotations

from dataclasses import dataclass

from linkage.decide import DecisionInput, decide
from linkage.holdings import counted_by, lawful_records
from linkage.link import LinkTables
from linkage.link.model import Model
from linkage.link.pairing import Pairing
from linkage.link.posterior import Shares, estimate_shares
from linkage.link.sightings import learn
from linkage.population import PEOPLE_FEATURES
from linkage.rules.testimony import testify
from linkage.second_opinion import asked_for, reviewed
from linkage.session import Session


@dataclass(frozen=True)
class Outcome:
    """What deciding a registry showed.

    Attributes:
        shares: share of holders in the register, by group of the record's number.
        learnt: values of people that the register does not have.
        link_threshold: the least probability of a link that was in force.
    """

    shares: Shares
    learnt: int
    link_threshold: float


def decide_and_learn(
    session: Session, name: str, tables: LinkTables, pairing: Pairing, model: Model
) -> Outcome:
    """Decide a linked registry, and learn from its sure links for the registries that follow.

    Args:
        session: the job at work; the registry is linked (:meth:`linkage.session.Session.link`).
        name: the registry.
        tables: names of its tables.
        pairing: which fields it shares with the population.
        model: the weights that it was linked with.

    Returns:
        What came of it; the decisions are in ``tables.decisions`` (:func:`linkage.decide.decide`).
    """
    frozen, declaration = session.frozen.get(name), session.job.registries[name]
    shares = frozen.shares if frozen else estimate_shares(session.engine, tables)
    threshold = frozen.link_threshold if frozen else None
    given = decision_input(session, name, pairing, model, shares, threshold)
    threshold = decide(session.engine, given, tables)
    if asked_for(declaration.link):  # off unless the job says so
        reviewed(session.engine, tables, model)
    testify(session.engine, tables, pairing)
    learnt = 0 if frozen else learn(session.engine, tables, pairing)
    return Outcome(shares, learnt, threshold)


def decision_input(
    session: Session,
    name: str,
    pairing: Pairing,
    model: Model,
    shares: Shares,
    threshold: float | None,
) -> DecisionInput:
    """What deciding a registry needs beside its tables; see :class:`linkage.decide.DecisionInput`."""
    declaration = session.job.registries[name]
    return DecisionInput(
        model,
        pairing,
        declaration.link.thresholds,
        PEOPLE_FEATURES,
        shares,
        lawful=lawful_records(declaration.holds),
        holding=counted_by(declaration),
        link=threshold,
    )
