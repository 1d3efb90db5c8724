"""Sources in, raw frames out: the only step that reads files or frames of other libraries."""

from linkage.read.files import content_hash, locate
from linkage.read.lines import Lines, lines_of
from linkage.read.source import RawSource, read_source, settle

__all__ = ["Lines", "RawSource", "content_hash", "lines_of", "locate", "read_source", "settle"]
