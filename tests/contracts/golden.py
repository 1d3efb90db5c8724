"""Golden rows: one valid row (or a few) of every list that a run writes.

They are what a reader of the lists may rely on. A change here is a new schema version.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from linkage import contracts
from linkage.contracts import Table

_LINKED = {
    "record_id": "TB1",
    "row": 1,
    "subject_type": "person",
    "link_status": "linked",
    "person_id": "001085012345",
    "outcome": "FIELD_DIFF",
    "diff_fields": ["full_name"],
    "match_weight": 21.5,
    "match_probability": 0.999,
    "runner_up_id": "001085054321",
    "runner_up_margin": 14.0,
    "decided_by": "model",
    "reasons": ["ABOVE_THRESHOLD"],
}
_NOTHING = dict.fromkeys(
    ("person_id", "match_weight", "match_probability", "runner_up_id", "runner_up_margin")
)

_CASE = {
    "case_id": "0a1b2c3d4e5f6071",
    "record_id": "TB1",
    "person_id": "001085012345",
    "province": "01",
    "reasons": ["HOLDER_DECEASED", "OVER_LIMIT"],
    "severity": "high",
    "confidence": 0.99,
    "action": "verify",
    "protected": [],
    "evidence": '{"HOLDER_DECEASED":{"person_death_date":"2020-01-01"}}',
    "status": "new",
}

GOLDEN: dict[str, tuple[Table, list[dict[str, Any]]]] = {
    "records": (
        contracts.RECORDS,
        [
            _LINKED,
            {
                **_LINKED,
                **_NOTHING,
                "record_id": "TB1#2",
                "row": 2,
                "subject_type": "unknown",
                "link_status": "rejected",
                "outcome": "NOT_CHECKED",
                "diff_fields": [],
                "decided_by": "none",
                "reasons": ["DUPLICATE_KEY"],
            },
            {
                **_LINKED,
                **_NOTHING,
                "record_id": "row:3",
                "row": 3,
                "link_status": "review",
                "diff_fields": ["full_name", "birth_date"],
                "reasons": ["BORROWED_ID"],
            },
            {
                **_LINKED,
                "record_id": "TB4",
                "row": 4,
                "outcome": "MATCH",
                "diff_fields": [],
                "runner_up_id": None,
                "runner_up_margin": None,
                "decided_by": "exact:personal_id+full_name+birth_date",
                "reasons": ["AGREES_EXACTLY"],
            },
        ],
    ),
    "junk_sims": (
        contracts.JUNK_SIMS,
        [{**_CASE, "phone": "+84912345678", "operator": "VinaPhone"}],
    ),
    "flags": (contracts.FLAGS, [_CASE]),
    "duplicates": (
        contracts.DUPLICATES,
        [
            {
                "case_id": f"{number}",
                "group_id": "g1",
                "record_id": f"GP{number}",
                "person_id": "001085012345",
                "keep": number == 1,
                "reasons": ["HELD_BY_ONE_PERSON"],
                "confidence": 0.98,
                "action": "none" if number == 1 else "cancel",
                "status": "new",
            }
            for number in (1, 2)
        ],
    ),
    "corrections": (
        contracts.CORRECTIONS,
        [
            {
                "case_id": "c1",
                "record_id": "TB1",
                "person_id": "001085012345",
                "field": "full_name",
                "current": "NGUYEN VAN AN",
                "proposed": "Nguyễn Văn An",
                "kind": "diacritics",
                "source": "population",
                "confidence": 0.999,
                "status": "new",
            }
        ],
    ),
    "review": (
        contracts.REVIEW,
        [
            {
                "record_id": "row:3",
                "candidate_id": "001085012345",
                "rank": 1,
                "match_weight": 3.0,
                "match_probability": 0.5,
                "reasons": ["LOW_MARGIN", "NAMESAKES"],
                "full_name_record": "Nguyễn Văn An",
                "full_name_candidate": "Nguyễn Văn An",
                "full_name_weight": 9.5,
            }
        ],
    ),
    "rejects": (
        contracts.REJECTS,
        [
            {
                "record_id": "TB1#2",
                "row": 2,
                "reasons": ["DUPLICATE_KEY"],
                "raw": '{"ma":"TB1"}',
            }
        ],
    ),
    "population_issues": (
        contracts.POPULATION_ISSUES,
        [
            {
                "person_id": "001085012345",
                "field": "person_id",
                "current": None,
                "proposed": None,
                "reasons": ["DUPLICATE_KEY"],
                "supported_by": [],
                "confidence": 1.0,
            }
        ],
    ),
    "decisions": (
        contracts.DECISIONS,
        [
            {
                "row": 1,
                "registry": "sim",
                "list": "junk_sims",
                "case_id": "0f3a55c1d2e4b697",
                "decision": "rejected",
                "decided_on": dt.date(2026, 10, 5),
                "outcome": "applied",
                "evidence": ["person:001085012345", "reason:BORROWED_ID", "severity:high"],
            }
        ],
    ),
}
