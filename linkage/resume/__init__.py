"""Resuming: a killed run is continued from its last finished step.

A run that writes lists works in a folder that its rerun finds (:mod:`.place`). Each step is one
transaction of the engine's database, and what it hands on is kept beside (:mod:`.state`,
:mod:`.forms`): a kill leaves the last finished step, nothing of the next. What the steps were made
from stands there too (:mod:`.note`, :mod:`.key`): where any of it is different, nothing of it is used
(:mod:`.keep`).
"""

from linkage.resume.forms import Form, Kept
from linkage.resume.keep import keeping
from linkage.resume.note import lists_of
from linkage.resume.state import Entry, State

__all__ = ["Entry", "Form", "Kept", "State", "keeping", "lists_of"]
