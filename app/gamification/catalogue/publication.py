"""What happens when a second person approves: a new immutable revision, or the thing is retired or brought back.

Who takes part in a challenge stays on the revision they joined, and goes on when it is retired.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from app.gamification import drafts
from app.gamification.audit import log
from app.gamification.catalogue.noun import NOUNS, Noun
from app.gamification.catalogue.stored import publish as store
from app.gamification.catalogue.stored import retire
from app.gamification.catalogue.writing import OFFERED, difference, newest, publishes, retires
from app.gamification.errors import NotFound
from app.gamification.errors.catalogue import OfferedAlready, PublishedMeanwhile, RetiredAlready
from app.gamification.errors.desk import KeyTaken
from app.gamification.errors.programme import NothingChanged, StaleBase
from app.lib import clock
from app.models.base import connection
from app.models.people import Programme as ProgrammeRow

Plain = Mapping[str, Any]
# Raises NotReady for the first thing that must be done before a definition can be offered.
Require = Callable[[Plain, datetime], None]

_LOCK = select(ProgrammeRow.revision).with_for_update()
_OF_KEY = {key: select(noun.table.id).where(noun.table.key == bindparam("named")) for key, noun in NOUNS.items()}


class Publication:
    """What two people do to things of a noun; `require` raises where a definition cannot be offered."""

    def __init__(self, noun: Noun, require: Require) -> None:
        self._noun, self._require = noun, require

    def check(self, thing_id: int | None, payload: Plain) -> None:
        """Whether this can be published as things stand. Inside an open transaction.

        Raises NotSound, StaleBase, KeyTaken, NothingChanged and what `require` raises.
        """
        noun = self._noun
        definition = noun.sound(payload["definition"])
        if thing_id is None:
            if connection().execute(_OF_KEY[noun.key], {"named": payload["key"]}).first():
                raise KeyTaken(key=payload["key"])
        else:
            live = newest(noun, thing_id)
            if live.number != payload["based_on"]:
                raise StaleBase()
            if live.retired_at is None and noun.sound(live.definition) == definition:
                raise NothingChanged()
        self._require(definition, clock.now())

    def publish(self, thing_id: int | None, payload: Plain, proposal_id: int, by: int, now: datetime) -> None:
        """Put a revision in force. Inside the transaction that approved it; raises as `check`."""
        noun = self._noun
        connection().execute(_LOCK)  # of two publications that waited for each other the second finds the first
        self.check(thing_id, payload)
        before = newest(noun, thing_id).definition if thing_id is not None else {}
        found = store(noun, payload["key"], payload["definition"], now=now)
        drafts.published_by(proposal_id)
        was, new = difference(before, payload["definition"])
        was |= {"revision": payload["based_on"]} if thing_id is not None else {}
        new |= {"revision": payload["based_on"] + 1, "proposal": proposal_id}
        log.record(by, publishes(noun), noun.key, found, now=now, before=was, after=new)

    def check_turn(self, thing_id: int | None, payload: Plain) -> None:
        """Whether it can be retired, or brought back, as things stand. Inside an open transaction.

        Raises NotFound, PublishedMeanwhile, RetiredAlready, OfferedAlready; of what is brought back also as `require`.
        """
        if thing_id is None:
            raise NotFound()
        live = newest(self._noun, thing_id)
        if live.number != payload["based_on"]:
            raise PublishedMeanwhile(number=live.number)
        if payload["to"] == OFFERED:
            if live.retired_at is None:
                raise OfferedAlready()
            self._require(live.definition, clock.now())
        elif live.retired_at is not None:
            raise RetiredAlready()

    def turn(self, thing_id: int | None, payload: Plain, proposal_id: int, by: int, now: datetime) -> None:
        """Retire it, or bring it back. Inside the transaction that approved it; raises as `check_turn`."""
        noun = self._noun
        connection().execute(_LOCK)
        self.check_turn(thing_id, payload)
        assert thing_id is not None
        back = payload["to"] == OFFERED
        retire(noun, thing_id, now=None if back else now)
        action = f"{noun.key}.reopen" if back else retires(noun)
        after = {"proposal": proposal_id}
        log.record(by, action, noun.key, thing_id, now=now, before={"revision": payload["based_on"]}, after=after)
