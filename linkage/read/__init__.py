"""Sources in, raw frames out: the only step that reads files or frames of other libraries."""

from linkage.read.source import RawSource, read_source

__all__ = ["RawSource", "read_source"]
