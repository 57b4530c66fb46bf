"""The ladder in force: who stands where, what decides a level, what each gives, and how it came about."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.gamification import programme
from app.gamification.accrual.rule import CompiledRule
from app.gamification.activities import PaysFor
from app.gamification.approvals import signed
from app.gamification.ledger.words.terms import listed
from app.gamification.policy.packs import Verdict
from app.gamification.programme import NO_END, Programme
from app.gamification.tiers import crowd, publishing, settling, words
from app.gamification.tiers.changes import changes
from app.gamification.tiers.ladder import Ladder
from app.lib import clock
from app.lib.i18n import LANGUAGES, Sentence, _l
from app.routes.admin.tiers import drawing
from app.routes.formats import say
from app.routes.language import speaking
from app.routes.rendering import page

_ONLY = _l("only for %(levels)s")

bp = Blueprint("admin_tiers", __name__, url_prefix="/admin/tiers")


@bp.get("")
def index() -> Response:
    """The page."""
    now, current = clock.now(), programme.current()
    stairs = crowd.stairs(current.ladder, now)
    return page(
        "admin/tiers/show.html",
        ladder=current.ladder,
        stairs=drawing.stairs(stairs),
        total=sum(stair.members for stair in stairs),
        near=sum(stair.near for stair in stairs),
        spoken=spoken(current.ladder),
        every_language=LANGUAGES,
        packs=[(pack, pack.verdicts[PaysFor.TRADING - 1] == Verdict.FORBID) for pack in current.policy.every()],
        rules=_rules(current),
        revision=publishing.in_force(),
        draft=publishing.draft(),
        proposal=signed.waiting(publishing.KIND, publishing.ONLY),
        settling=settling.under_way(),
    )


@bp.get("/revisions")
def revisions() -> Response:
    """Every ladder there was, each with what it changed and who put it in force."""
    found = publishing.revisions()
    people = signed.by_moment(publishing.KIND, publishing.ONLY)
    rows = [
        _revision(one, before.definition if before else None, people)
        for one, before in zip(found, [*found[1:], None], strict=True)
    ]
    return page("admin/tiers/revisions.html", revisions=rows)


def spoken(ladder: Ladder) -> dict[str, Markup]:
    """What decides a level, in every language."""
    said = {}
    for code in LANGUAGES:
        with speaking(code):
            said[code] = Markup(" ").join(say(one) for one in (words.decides(ladder), *words.rules(ladder)))
    return said


def _rules(current: Programme) -> list[tuple[CompiledRule, Sentence | None]]:
    """The rules in force that look at the level, with the levels that they are only for."""
    names = {level.key: level.name for level in (*current.ladder.former.values(), *current.ladder.levels)}
    found: list[tuple[CompiledRule, Sentence | None]] = []
    for rule in current.rules_by_revision.values():
        only = [names.get(key, key) for key in rule.definition.audience.levels]
        if rule.effective_to != NO_END:
            continue
        if only:
            found.append((rule, Sentence(_ONLY, {"levels": listed(only)})))
        elif any(factor.kind == "tier" for factor in rule.definition.factors):
            found.append((rule, None))
    return found


def _revision(
    one: publishing.Revision, before: Mapping[str, Any] | None, people: Mapping[datetime, signed.Signed]
) -> dict[str, Any]:
    # The first one says everything for the first time: nothing to set it against.
    said = changes(before, one.definition) if before else ()
    return {"number": one.number, "at": one.published_at, "by": people.get(one.published_at), "changes": said}
