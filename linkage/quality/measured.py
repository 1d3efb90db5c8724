"""The trial of a run: a registry's links without their numbers, for the bound on harm.

It is taken while a registry stands linked and undecided: the weights are those of the run, and what its
own records are about to teach (:mod:`linkage.link.sightings`) does not bear the trial out.
"""

from __future__ import annotations

from typing import Final

from linkage.errors import ConfigError
from linkage.harm import Measured
from linkage.link import LinkTables
from linkage.link.model import Model
from linkage.quality.estimate import measured_wrong_links, wrong_without_number
from linkage.quality.trial import Linked, hidden_number_trial
from linkage.session import Session

LEAST: Final = 200
"""Fewer records whose holder is known say too little to raise anything."""


def measure(session: Session, name: str, tables: LinkTables, model: Model) -> Measured | None:
    """Try a registry's links without their numbers.

    Args:
        session: the job at work; ``harm: trial_records`` says how many records are tried.
        name: the registry, linked and not yet decided.
        tables: names of its tables.
        model: the weights that it was linked with.

    Returns:
        The measurement; None where numbers tell of fewer than :data:`LEAST` holders, or no record
        was linked without its number.
    """
    try:
        trial = hidden_number_trial(
            session,
            name,
            sample=session.job.config.harm.trial_records,
            linked=Linked(tables, model, LEAST),
        )
    except ConfigError as error:
        if error.__cause__ is not None:  # the engine failed: that is no lack of known holders
            raise
        return None
    share, low, high = wrong_without_number(trial)
    if share is None or low is None or high is None:
        return None
    return Measured(trial.sampled, share, low, high, measured_wrong_links(trial))
