"""Benchmarks: what the README's figures come from. They are run by hand, never by the tests."""
