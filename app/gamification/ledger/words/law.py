"""What the law said when something was counted, in words, and what it leaves open."""

from typing import Any

from sqlalchemy import text

from app.gamification.activities import BY_CODE, PaysFor
from app.gamification.ledger.outcome import Outcome, compiled
from app.gamification.members.classes import TITLES
from app.gamification.members.sign_ins import SignedIn
from app.gamification.policy.packs import Pack, Standing, Verdict, read_pack
from app.lib.i18n import Sentence, _l, pick
from app.models.base import plain_json, read_all
from app.models.people import ClientClass

NOT_FOR_YOUR_CATEGORY = _l("Not available under your client category")
RECOGNITION_ONLY = _l("Recognition only under your client category")
SERVICE_ONLY = Sentence(_l("By the rules of your client category these points buy recognition and service."))
UNDER = _l("The rules “%(pack)s” say so.")
VERDICTS = {
    Verdict.ALLOW: _l("Points for this were allowed."),
    Verdict.SERVICE_ONLY: _l("Points for this were allowed; they buy recognition and service."),
    Verdict.RECOGNITION: _l("Recognition was allowed: badge, progress and place, but no points."),
    Verdict.FORBID: _l("Points for this were not allowed."),
}
OPEN = {
    PaysFor.LEARNING: _l("lessons and surveys"),
    PaysFor.HABIT: _l("your trading journal and planned rest"),
    PaysFor.COMMUNITY: _l("visits and partners"),
}

_REVISIONS = text(
    "SELECT v.id, p.key, v.definition FROM pack_revision v JOIN pack p ON p.id = v.pack_id"
    " WHERE v.id IN (:entity, :country)"
)


def law_of(outcome: Outcome, kind: int, language: str) -> tuple[Sentence, ...]:
    """Under which rules an activity was judged, the verdict, and what it follows from."""
    if not outcome.pack_revisions:
        return ()
    pays_for = outcome.pays_for or BY_CODE[kind].pays_for
    strictest = max(_packs(outcome), key=lambda pack: pack.verdicts[pays_for - 1])
    values = {
        "category": Sentence(TITLES[ClientClass(outcome.client_class)]),
        "pack": pick(dict(strictest.name), language),
    }
    judged = Sentence(_l("Judged for your client category, %(category)s, under the rules “%(pack)s”."), values)
    said = [judged, Sentence(VERDICTS[outcome.verdict])]
    cite = strictest.cites.get(pays_for.name.lower())
    if cite and outcome.verdict >= Verdict.RECOGNITION:
        said.append(Sentence(_l("It follows from: %(cite)s."), {"cite": pick(dict(cite), language)}))
    return tuple(said)


def standing_of(me: SignedIn) -> Standing:
    """What the law says to a member as they stand now."""
    return compiled().standing(me.entity_id, me.country, me.client_class)


def stays_open(me: SignedIn) -> Sentence | None:
    """What a member whom the law allows no points for trades can still earn them with; None where trades earn."""
    standing = standing_of(me)
    if standing.judge(PaysFor.TRADING) < Verdict.RECOGNITION:
        return None
    open_ = [words for fact, words in OPEN.items() if standing.judge(fact) <= Verdict.SERVICE_ONLY]
    if len(open_) < len(OPEN):
        return Sentence(_l("Badges, progress and your place stay open to you."))
    parts = {f"part{n}": Sentence(words) for n, words in enumerate(open_, start=1)}
    return Sentence(
        _l("Points stay open to you for %(part1)s, %(part2)s, %(part3)s. They buy recognition and service."), parts
    )


def _packs(outcome: Outcome) -> list[Pack]:
    """The entity's and the country's pack as they were then."""
    programme = compiled()
    standing = programme.standing(outcome.entity_id, outcome.country, outcome.client_class)
    if standing.revision_ids == outcome.pack_revisions:
        return [programme.policy.pack(key) for key in standing.pack_keys]
    revisions = dict(zip(("entity", "country"), outcome.pack_revisions, strict=True))
    return [_read(row) for row in read_all(_REVISIONS, revisions)]


def _read(row: Any) -> Pack:
    return read_pack(row.key, row.id, plain_json(row.definition))
