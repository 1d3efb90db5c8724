"""The engine beyond one machine: Spark does what grows with the data, the driver's DuckDB the rest.

See ``docs/spark.md`` for what runs where. Nothing here is imported unless a job asks for Spark.
"""

from linkage.engines.spark.engine import SparkEngine

__all__ = ["SparkEngine"]
