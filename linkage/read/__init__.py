"""Sources in, raw frames out: the only step that reads files or frames of other libraries."""

from linkage.read.files import content_hash, locate
from linkage.read.source import RawSource, read_source

__all__ = ["RawSource", "content_hash", "locate", "read_source"]
