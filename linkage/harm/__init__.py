"""Harm: how many cases are expected to be wrongful, and the limit that a job sets to it.

A case is wrongful with the probability that its confidence leaves open. All figures are per 10,000
*records of the registry*, not per 10,000 cases: what counts is how many of those who hold something
are wronged, and a list that gives up its doubtful cases must come out better, not worse.

A step beyond a question ('notify' and harder; 'merge' and 'cancel' of duplicates) can be held to a
limit. The bound of a step counts its own cases and those of every harder step, and takes the upper
end of the 95 % interval. Cases of one person hang on one link, so they are taken to be right or wrong
together: the interval is as wide as it honestly is. Where a trial with hidden numbers found links more
often wrong than their probabilities say, the trial counts (:mod:`linkage.harm.measured`).
"""

from linkage.harm.bound import WRONGFUL_LIMIT, Held, hold
from linkage.harm.bounds import Bounds, bounds_of
from linkage.harm.figures import Limit, expected, reported
from linkage.harm.measured import Measured

__all__ = [
    "WRONGFUL_LIMIT", "Bounds", "Held", "Limit", "Measured", "bounds_of", "expected", "hold",
    "reported",
]  # fmt: skip
