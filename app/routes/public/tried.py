"""What a tried statement came to: on the page, and as a picture to keep, whose address holds all of its figures."""

from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, request, url_for

from app.gamification import programme
from app.gamification.accrual.bases import bases
from app.gamification.brand import Brand, brand, risk_warning
from app.gamification.branding import keeping
from app.gamification.ledger.words.law import stays_open
from app.gamification.members.classes import TITLES
from app.gamification.pictures import earned
from app.gamification.pictures.figures import Figures, Signer
from app.gamification.policy.bench import Bench
from app.gamification.policy.packs import Verdict
from app.gamification.policy.words import FACTS, VERDICTS
from app.gamification.statements.estimate import Estimate
from app.lib.assets import digest
from app.lib.clock import from_day, from_micros
from app.lib.i18n import Sentence, _l, _n, best_language, pick
from app.models.people import ClientClass
from app.platforms.names import platform_name
from app.platforms.statement import Statement
from app.routes.countries import country_name
from app.routes.formats import num, say_plainly
from app.routes.language import language, speaking
from app.routes.limits import guard_pictures
from app.routes.public.periods import bars, named, starts_of, written
from app.routes.rendering import page
from app.routes.settings import settings

bp = Blueprint("tried", __name__)

EXAMPLE = _l("An example: invented trades")
COUNTING = frozenset({"marks", "dates", "lots"})  # doubts that change what comes out; whose account it is does not
A_DAY = "public, max-age=86400"
# What becomes of a history that a member brings, by how far the programme trusts it.
TRUST = {
    "review": _l(
        "Once you have joined, the points of a statement that you bring wait until our staff have looked at it."
    ),
    "recognition": _l(
        "This is for trades that we report ourselves. A statement that you bring counts as recognition, without points."
    ),
    "trusted": _l("Once you have joined, you can bring this statement, and its points are yours."),
}


@bp.get("/try/<token>")
def show(token: str) -> Response:
    """A shared picture, with the way to a picture of one's own; for whoever follows a link to it."""
    figures, _ = _signer().read(token)
    with speaking(_spoken(figures)):
        alt = _alt(figures)
    return page("public/tried.html", token=token, figures=figures, alt=alt, **addresses(token))


@bp.get("/try/<token>.png")
@guard_pictures
def picture(token: str) -> Response:
    """The picture; other sites show it too."""
    figures, counted_at = _signer().read(token)
    house = brand()
    headers = {"Cache-Control": A_DAY, "Cross-Origin-Resource-Policy": "cross-origin"}
    name = digest(f"{token} {house.version}".encode())
    if request.if_none_match.contains(name):
        response = Response(status=304, headers=headers)
    else:
        response = Response(earned.draw(_card(figures, counted_at, house)), mimetype="image/png", headers=headers)
    response.set_etag(name)
    return response


def addresses(token: str) -> dict[str, Any]:
    """Where the picture is, within the site and from outside."""
    outside = settings().public_url.rstrip("/")
    here, drawn = url_for("tried.show", token=token), url_for("tried.picture", token=token)
    return {"picture": drawn, "picture_outside": outside + drawn, "shared_outside": outside + here}


def told(statement: Statement, found: Estimate, country: str) -> dict[str, Any]:
    """Everything that the page says of an estimate."""
    sums, house, code = found.sums, brand(), language().code
    is_example = statement.format == "example"
    client = found.law.client
    level = programme.current().ladder.level(found.level_id)
    told = {
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
        "span": _span(sums.first_day, sums.last_day),
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
        return told
    figures = _figures(found, code)
    return told | addresses(_signer().sign(figures)) | {"alt": _alt(figures)}


def _ways(law: Bench, code: str) -> list[dict[str, Any]]:
    """The rules that would give this client points."""
    found = []
    for paid in law.rules:
        said = paid.rule.definition
        if paid.gives.msgid in _POINTS:
            rate = {"rate": Decimal(said.base.rate), "per": Sentence(bases.get(said.base.kind).per)}
            found.append(
                {
                    "name": pick(said.name, code),
                    "rate": Sentence(_l("%(rate)s %(per)s"), rate),
                    "fact": paid.judged.fact,
                }
            )
    return found


_POINTS = (_l("Points"), _l("Points for recognition and service"))


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


# The picture


def _signer() -> Signer:
    return Signer(settings().installation_secret)


def _figures(found: Estimate, code: str) -> Figures:
    sums, standing = found.sums, found.law.standing
    assert sums.first_day is not None and sums.last_day is not None, "there are points"
    return Figures(
        code, sums.points, sums.closed, sums.earning, sums.first_day, sums.last_day, sums.by,
        tuple(period.points for period in sums.periods), standing.strictest.key, found.law.client.entity_id,
    )  # fmt: skip


def _spoken(figures: Figures) -> str:
    """The picture's language, as long as the programme offers it."""
    return best_language(figures.language, offered=brand().languages)


def _card(figures: Figures, counted_at: datetime, house: Brand) -> earned.Card:
    with speaking(_spoken(figures)) as spoken:
        assert house.policy is not None, "no page is shown without a programme"
        warning = risk_warning(house, spoken.code, pack=house.policy.pack(figures.pack), entity_id=figures.entity_id)
        place = {
            "address": urlsplit(settings().public_url).netloc,
            "day": written(counted_at.astimezone(house.zone).date()),
        }
        starts = list(islice(starts_of(figures.first_day, figures.by), len(figures.bars)))
        best = starts[figures.bars.index(max(figures.bars))]
        return earned.Card(
            right_to_left=spoken.direction == "rtl",
            brand=house.brand_name,
            programme=house.name if house.name != house.brand_name else "",
            headline=_said(_l("My trading history would have earned")),
            points=num(figures.points),
            unit=_said(_n("point", "points", "points"), points=figures.points),
            under=(_from(figures), say_plainly(_span(figures.first_day, figures.last_day))),
            chart_title=_said(_l("Points by month") if figures.by == "month" else _l("Points by year")),
            first=named(figures.first_day, figures.by),
            last=named(figures.last_day, figures.by),
            bars=figures.bars,
            best=_said(
                _l("Strongest month: %(period)s, %(points)s points")
                if figures.by == "month"
                else _l("Strongest year: %(period)s, %(points)s points"),
                period=named(best, figures.by),
                points=max(figures.bars),
            ),
            risk=say_plainly(warning),
            foot=_said(_l("Try it with your own statement: %(address)s · counted on %(day)s"), **place),
            colours=house.colours,
            mark=_mark(house),
        )


def _alt(figures: Figures) -> str:
    """The picture in words."""
    return _said(
        _l("A trading history that would have earned %(points)s points %(from)s"),
        **{"points": figures.points, "from": _from(figures)},
    )


def _from(figures: Figures) -> str:
    return _said(
        _n("from %(earning)s of %(closed)s closed trade", "from %(earning)s of %(closed)s closed trades", "closed"),
        earning=figures.earning,
        closed=figures.closed,
    )


def _span(first: int | None, last: int | None) -> Sentence:
    if first is None or last is None:
        return Sentence("")
    if first == last:
        return Sentence("%(day)s", {"day": written(from_day(first))})
    return Sentence(_l("%(first)s to %(last)s"), {"first": written(from_day(first)), "last": written(from_day(last))})


def _said(msgid: str, **values: Any) -> str:
    return say_plainly(Sentence(msgid, values))


def _mark(house: Brand) -> earned.Mark | None:
    """The logo as it is stored; its address names it."""
    if house.logo is None:
        return None
    content = keeping.picture(house.logo.address.rpartition("/")[2].removesuffix(".png"))
    return earned.Mark(content, house.logo.plate, house.logo.has_name) if content else None
