"""What a tried statement came to, as a picture to keep and to share: its address holds all of its figures."""

from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, url_for

from app.gamification.brand import Brand, brand, risk_warning
from app.gamification.pictures import earned
from app.gamification.pictures.figures import Figures, Signer
from app.gamification.statements.estimate import Estimate
from app.lib.i18n import Sentence, _l, _n, best_language
from app.routes.formats import num, say_plainly
from app.routes.language import language, speaking
from app.routes.limits import guard_pictures
from app.routes.public.periods import named, span, starts_of, written
from app.routes.public.pictured import answered, mark
from app.routes.rendering import page
from app.routes.settings import settings

bp = Blueprint("tried", __name__)

A_DAY = "public, max-age=86400"


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
    card = _card(figures, counted_at, brand())
    return answered(card, A_DAY, lambda: earned.draw(card))


def addresses(token: str) -> dict[str, Any]:
    """Where the picture is, within the site and from outside."""
    outside = settings().public_url.rstrip("/")
    here, drawn = url_for("tried.show", token=token), url_for("tried.picture", token=token)
    return {"picture": drawn, "picture_outside": outside + drawn, "shared_outside": outside + here}


def drawn(found: Estimate) -> dict[str, Any]:
    """The picture of an estimate that has points: where it is, and what it is in words."""
    figures = _figures(found, language().code)
    return addresses(_signer().sign(figures)) | {"alt": _alt(figures)}


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
            under=(_from(figures), say_plainly(span(figures.first_day, figures.last_day))),
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
            mark=mark(house),
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


def _said(msgid: str, **values: Any) -> str:
    return say_plainly(Sentence(msgid, values))
