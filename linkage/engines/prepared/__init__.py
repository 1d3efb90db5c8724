"""Steps of a run for a few rows: noted once, prepared, and executed for every record that is asked for.

``composed`` notes what the steps say in SQL. Of that ``many_rows`` makes a statement of DuckDB, whose
plan is kept; ``few_rows`` makes one of SQLite (``dialect``), which sets up in a tenth of the time and
works a twentieth as fast; ``either`` stands before both. One source, two executors: tests hold both to
the run itself.
"""

from linkage.engines.prepared.composed import Composed, Steps
from linkage.engines.prepared.connection import Prepared
from linkage.engines.prepared.either import Either
from linkage.engines.prepared.few_rows import FewRows
from linkage.engines.prepared.many_rows import ManyRows

__all__ = ["Composed", "Either", "FewRows", "ManyRows", "Prepared", "Steps"]
