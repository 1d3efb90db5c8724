"""Rules: what makes a record a case, in the regulation's own words."""

from linkage.rules.catalogue import RULES
from linkage.rules.rule import Rule

__all__ = ["RULES", "Rule"]
