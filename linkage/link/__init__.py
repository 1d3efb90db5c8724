"""Linking: cleaned records against the population, exact pass first, Splink on the rest."""

from linkage.link.registry import LinkResult, link_registry
from linkage.link.tables import LinkTables

__all__ = ["LinkResult", "LinkTables", "link_registry"]
