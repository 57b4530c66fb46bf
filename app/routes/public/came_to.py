"""What a tried statement came to, as the page says it."""

from decimal import Decimal
from typing import Any

from app.gamification import programme
from app.gamification.accrual.bases import bases
from app.gamification.brand import brand, risk_warning
from app.gamification.ledger.words.law import stays_open
from app.gamification.members.classes import TITLES
from app.gamification.policy.bench import Bench
from app.gamification.policy.packs import Verdict
from app.gamification.policy.words import FACTS, VERDICTS
from app.gamification.statements.estimate import Estimate
from app.lib.clock import from_micros
from app.lib.i18n import Sentence, _l, pick
from app.models.people import ClientClass
from app.platforms.names import platform_name
from app.platforms.statement import Statement
from app.routes.countries import country_name
from app.routes.language import language
from app.routes.public import tried
from app.routes.public.periods import bars, named, span, written

EXAMPLE = _l("An example: invented trades")
POINTS = (_l("Points"), _l("Points for recognition and service"))  # what a rule gives, when it gives any
COUNTING = frozenset({"marks", "dates", "lots"})  # doubts that change what comes out; whose account it is does not
# What becomes of a history that a member brings, by how far the programme trusts it.
TRUST = {
    "review": _l(
        "Once you have joined, the points of a statement that you bring wait until our staff have looked at it."
    ),
    "recognition": _l(
        "This is for trades that we report ourselves. A statement that you bring counts as recognition, without points."
    ),
    "trusted": _l("Once you have joined and your broker has linked the account, its points are yours at once."),
}


def words(statement: Statement, found: Estimate, country: str) -> dict[str, Any]:
    """Everything that the page says of an estimate."""
    sums, house, code = found.sums, brand(), language().code
    is_example = statement.format == "example"
    client = found.law.client
    level = programme.current().ladder.level(found.level_id)
    said = {
        "found": found,
        "sums": sums,
        "platform": EXAMPLE if is_example else platform_name(statement.platform),
        "is_example": is_example,
        "country": country_name(country),
        "category": TITLES[ClientClass(client.client_class)],
        "doubts": [doubt.sentence for doubt in statement.doubts if doubt.key in COUNTING],
        "bars": bars(sums.periods, sums.by),
        "period_name": lambda day: named(day, sums.by),
        "best_day": written(from_micros(sums.best.at).astimezone(house.zone).date()) if sums.best else "",
        "span": span(sums.first_day, sums.last_day),
        "level": pick(dict(level.name), code) if level.position else "",
        "level_position": level.position,
        "ways": _ways(found.law, code),
        "law": _law(found.law, code),
        "open": stays_open(client),
        "after_joining": Sentence(TRUST[programme.current().statement_trust]),
        "risk_warning": risk_warning(house, code, pack=found.law.standing.strictest, entity_id=client.entity_id),
    }
    # No picture of nothing, of nobody's trades, or that praises what the law of the visitor's country does not reward.
    if not sums.points or not found.trades_pay or is_example:
        return said
    return said | tried.drawn(found)


def _ways(law: Bench, code: str) -> list[dict[str, Any]]:
    """The rules that would give this client points."""
    found = []
    for paid in law.rules:
        said = paid.rule.definition
        if paid.gives.msgid in POINTS:
            rate = {"rate": Decimal(said.base.rate), "per": Sentence(bases.get(said.base.kind).per)}
            found.append(
                {
                    "name": pick(said.name, code),
                    "rate": Sentence(_l("%(rate)s %(per)s"), rate),
                    "fact": paid.judged.fact,
                }
            )
    return found


def _law(law: Bench, code: str) -> dict[str, Any]:
    """What the law says to this client of each benefit, and what that follows from."""
    rows = [
        {
            "words": FACTS[judged.fact],
            "verdict": judged.verdict.name.lower(),
            "said": VERDICTS[judged.verdict],
            "cite": pick(dict(judged.cite), code) if judged.cite and judged.verdict >= Verdict.RECOGNITION else "",
        }
        for judged in law.facts
    ]
    return {"pack": pick(dict(law.standing.strictest.name), code), "rows": rows}
