"""A life for every case: its status against the previous run, and what people decided about it."""

from linkage.life.carry import Carried, carry
from linkage.life.feedback import Feedback, read_feedback
from linkage.life.previous import Previous, find_previous

__all__ = ["Carried", "Feedback", "Previous", "carry", "find_previous", "read_feedback"]
