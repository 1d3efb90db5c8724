"""Side by side: our job, plain Splink 5, recordlinkage's ECM and an oracle on the very same files.

    python -m benchmarks.side_by_side --people 50000 --seed 12 --error-scale 2

Each contender runs once, in a process of its own, so that seconds and peak memory are its own.
"""
