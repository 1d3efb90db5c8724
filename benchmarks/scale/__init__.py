"""Ours, plain Splink 5 and the floor on the very same files, from thousands of people to millions.

    python -m benchmarks.scale --people 1000000 --memory-limit 3GB --plot scale.svg

Data are made once and kept. Every contender runs in processes of its own, one after the other, so
that seconds and peak memory are its own; all in one invocation, so that they met the same machine.
The floor reads the files and joins on the number as it is written: nothing links in less time.
"""
