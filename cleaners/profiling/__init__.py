"""What is in a frame: for each column its kind, how much of it is valid, and what is odd.

``profile`` tries the cleaners on a sample of each column and sees which one understands it; the
column's name counts only as a weak hint. The result holds shares and counts, never a value.

>>> import datetime, polars as pl
>>> frame = pl.DataFrame({"a": ["0912345678", "0162 123 4567"], "b": ["Lê Văn An", "Trần Thị Bé"]})
>>> found = profile(frame, reference_date=datetime.date(2026, 10, 1))
>>> found.columns.select("column", "looks_like", "valid").rows()
[('a', 'phone', 1.0), ('b', 'person_name', 1.0)]
>>> found.issues.select("column", "code", "rows").rows()
[('a', 'renumbered_phone', 1)]
"""

from cleaners.profiling.frames import profile
from cleaners.profiling.result import Profile

__all__ = ["Profile", "profile"]
