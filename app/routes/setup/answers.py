"""What was answered so far: it travels sealed in the pages themselves, for nothing is stored before the last step."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.fernet import InvalidToken

from app.gamification.errors.programme import AnswersLost
from app.gamification.policy.starting import home_pack
from app.gamification.setup.founding import MOST_ENTITIES, NewEntity, Owner, Plan
from app.lib.i18n import LANGUAGES
from app.lib.sealing import Sealer
from app.routes.setup.steps import FORMS, KEYS

LONGEST = 400  # of one answer, in characters
ENTITY = ("name", "country", "pack", "loss")
EMPTY_ENTITY = dict.fromkeys(ENTITY, "")


@dataclass
class Answers:
    """Answers as they were typed, by step; `entities` is a list of rows."""

    link: str  # hash of the link by which the setup was opened: another's answers are worth nothing
    typed: dict[str, Any] = field(default_factory=dict)

    def of(self, step: str) -> Mapping[str, str] | None:
        """What was typed at a step; None before anything was."""
        found: Mapping[str, str] | None = self.typed.get(step)
        return found

    @property
    def entities(self) -> list[dict[str, str]]:
        """The rows of legal entities, at least one."""
        return list(self.typed.get("entities") or [EMPTY_ENTITY])

    @property
    def knows_password(self) -> bool:
        return bool((self.of("owner") or {}).get("password"))

    def take(self, step: str, posted: Mapping[str, str]) -> None:
        """Keep what was posted of a step; a password once given stays until another is."""
        if step == "entities":
            self.typed[step] = _rows(posted)
        elif step in FORMS:
            taken = {name: posted[name][:LONGEST] for name in FORMS[step](formdata=None)._fields if name in posted}
            if step == "owner" and not taken.get("password"):
                taken["password"] = (self.of(step) or {}).get("password", "")
            self.typed[step] = taken

    def sealed(self, sealer: Sealer) -> str:
        """The answers as a hidden field carries them: nobody can read or change them on the way."""
        return sealer.seal(json.dumps([self.link, self.typed], separators=(",", ":"))).decode()

    @classmethod
    def unsealed(cls, sealed: str, link: str, sealer: Sealer) -> "Answers":
        """Read them again; raises AnswersLost for what this installation did not seal for this link."""
        try:
            sealed_for, typed = json.loads(sealer.open(sealed.encode()))
        except (InvalidToken, ValueError, TypeError) as error:
            raise AnswersLost() from error
        if sealed_for != link:
            raise AnswersLost()
        return cls(link, typed)

    def owner(self) -> Owner:
        """Who will own the programme. After every step was found right."""
        said = self.typed["owner"]
        return Owner(said["email"], said["name"], said["password"])

    def plan(self) -> Plan:
        """The programme that was described. After every step was found right."""
        brand, place = self.typed["brand"], self.typed["place"]
        return Plan(
            template=self.typed["template"]["template"],
            brand_name=brand["brand_name"],
            programme_name=brand["programme_name"],
            support_email=brand.get("support_email", ""),
            time_zone=place["time_zone"],
            currency=place["currency"],
            point_cost=place["point_cost"],
            languages=tuple(code for code in LANGUAGES if place.get(code)),
            entities=tuple(self.companies()),
        )

    def companies(self) -> list[NewEntity]:
        """The legal entities, each with a key of its own and, where none was chosen, the pack of its country."""
        made: list[NewEntity] = []
        for row in self.entities:
            alike = sum(one.country == row["country"] for one in made)
            key = row["country"].lower() + (f"_{alike + 1}" if alike else "")
            pack = row["pack"] or home_pack(row["country"])
            made.append(NewEntity(key, row["name"], row["country"], pack, row["loss"].strip() or None))
        return made


def _rows(posted: Mapping[str, str]) -> list[dict[str, str]]:
    count = posted.get("rows", "")
    # One more than there may be, so that too many are refused and not silently cut.
    rows = min(int(count), MOST_ENTITIES + 1) if count.isdecimal() and len(count) < 5 else 1
    return [{name: posted.get(f"e{place}-{name}", "")[:LONGEST] for name in ENTITY} for place in range(rows)]


def after(step: str) -> str:
    """The step that follows."""
    return KEYS[min(KEYS.index(step) + 1, len(KEYS) - 1)]


def before(step: str) -> str:
    """The step that comes before."""
    return KEYS[max(KEYS.index(step) - 1, 0)]
