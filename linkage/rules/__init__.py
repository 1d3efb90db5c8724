"""Rules: what makes a record a case, in the regulation's own words."""

from linkage.rules.catalogue import RULES
from linkage.rules.rule import Action, Rule, Severity

__all__ = ["RULES", "Action", "Rule", "Severity"]
