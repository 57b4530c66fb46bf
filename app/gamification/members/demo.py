"""The demo's people, whom everybody plays: what one visitor leaves behind, as an address, is no other visitor's."""

from typing import Protocol

from app.gamification.brand import brand
from app.gamification.handoff.demo import CLIENT


class Known(Protocol):
    """A member, as far as it takes to tell."""

    @property
    def demo_role(self) -> str | None: ...

    @property
    def external_id(self) -> str | None: ...


def is_made_up(email: str) -> bool:
    """Whether an address is one of the people that the demo made up, which reaches nobody."""
    return brand().demo and email.endswith("@example.com")


def is_played(member: Known) -> bool:
    """Whether everybody plays this member: one of the cast, or who comes from the site of the demo's broker."""
    return member.demo_role is not None or (member.external_id == CLIENT and brand().demo)
