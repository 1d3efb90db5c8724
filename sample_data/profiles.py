"""The countries that can be made, by name."""

from __future__ import annotations

from typing import Final

from .profile_far import FAR
from .profile_near import NEAR
from .rates import LIFE, Profile

PROFILES: Final[dict[str, Profile]] = {"life": LIFE, "near": NEAR, "far": FAR}
