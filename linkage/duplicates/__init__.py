"""Duplicates: which records of a registry belong together, which one to keep, and what it should say.

Groups come from links (more holdings than the law allows a person), from records compared with each
other where the register does not know their holder, and from values that must be unique but repeat.
"""
