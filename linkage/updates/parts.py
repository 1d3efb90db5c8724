"""What a state is made from, part by part: where one is different now, an update is refused.

Sources of registries are no part: that they change is what updates are for. Nor are the places of
files, the engine's limits and what only publishing reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from linkage.config import Job
from linkage.fingerprints import value_hash
from linkage.resume.key import code_and_libraries, declarations, model_part

REGISTER: Final = "the population register"


def parts_of(job: Job, names: Iterable[str]) -> dict[str, str]:
    """Fingerprints of all that a state hangs on but the register's content.

    Args:
        job: the job.
        names: its registries that run.
    """
    names = tuple(names)
    written = job.config.model_dump(mode="json", exclude=_exclude(job))
    kept = {name: registry for name, registry in written["registries"].items() if name in names}
    return {
        "the job": value_hash({**written, "registries": kept}),
        "the reference date": value_hash(str(job.config.reference_date)),
        **declarations(job, names),
        **{f"the model of '{name}'": model_part(job, name) for name in names},
        **code_and_libraries(),
    }


def _exclude(job: Job) -> dict[str, Any]:
    """What is left out, as pydantic wants it."""
    places = {"source": {"path": True, "as_of": True}}
    return {
        **dict.fromkeys(("engine", "output", "reference_date", "feedback"), True),
        "population": {"source": {"path": True}, "index": True},
        "registries": dict.fromkeys(job.config.registries, places),
    }
