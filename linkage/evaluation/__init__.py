"""Evaluation: a finished run against the truth about its records, links and lists.

Precision counts among the links that were made, recall among the records whose person is known.
Records without a person in the truth (nobody's number, an organisation) have no true link: linking
one of them is a wrong link. Of the lists, cases that are resolved or dismissed do not count.
"""

from linkage.evaluation.compare import Evaluation, evaluate

__all__ = ["Evaluation", "evaluate"]
