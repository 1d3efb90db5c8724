"""The register laid out for single records: people found by their keys, without reading it all."""

from linkage.lookup.asking import Asking
from linkage.lookup.cleaning import RecordCleaner
from linkage.lookup.content import LookupContent, content_of
from linkage.lookup.steps import Asked
from linkage.lookup.store import Lookup, ready_lookup

__all__ = [
    "Asked",
    "Asking",
    "Lookup",
    "LookupContent",
    "RecordCleaner",
    "content_of",
    "ready_lookup",
]
