"""What a member meets first: the balance, the way to the next level, what came of late, what comes by itself."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, text, update

from app.gamification.ledger import outlook, reads
from app.gamification.ledger.outcome import compiled
from app.gamification.ledger.words.law import stays_open
from app.gamification.members.sign_ins import SignedIn
from app.gamification.messages.reads import Told, latest
from app.gamification.tiers import words
from app.gamification.tiers.position import Position, has_factor, position
from app.gamification.tiers.projection import Projection, project
from app.gamification.tiers.reads import in_window
from app.lib.clock import to_micros
from app.lib.i18n import Sentence, _l, pick
from app.lib.periods import day_of, period_start, start_of
from app.models.base import connection, read_one
from app.models.ledger import Code, UnitId
from app.models.messages import Message

LINES, MESSAGES = 5, 4
NEW_DAYS = 14
# Looked back this far for the week's sum, so that a page never reads a whole history.
WEEK_LINES = 1000

_THIS_WEEK = text(
    f"""
    SELECT coalesce(sum(CASE WHEN code = {int(Code.ACCRUAL)} THEN amount END), 0)
    FROM (SELECT code, amount, unit_id, recorded_at FROM transfer WHERE wallet_id = :member
          ORDER BY seq DESC LIMIT {WEEK_LINES}) AS late
    WHERE unit_id = {int(UnitId.POINTS)} AND recorded_at >= :since
    """
)
_READ = (
    update(Message)
    .where(Message.member_id == bindparam("member"), Message.read_at.is_(None))
    .values(read_at=bindparam("at"))
)

GREETINGS = ((5, _l("Good night, %(name)s")), (12, _l("Good morning, %(name)s")), (18, _l("Good afternoon, %(name)s")))
EVENING = _l("Good evening, %(name)s")


@dataclass(frozen=True, slots=True)
class Step:
    """Something a new member can do, in the order it makes sense; `done` ones stay to be seen."""

    icon: str
    title: Sentence
    text: Sentence
    page: str  # endpoint
    done: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the home page says."""

    greeting: Sentence
    week: int
    place: Position
    level_name: str
    above_name: str
    factor: str  # "1.25", empty where it multiplies nothing of the member's
    next_perk: str
    projection: Projection | None
    keeps: Sentence | None  # what keeps the level
    law: Sentence | None  # what stays open to a member whom the law allows no points for trades
    lines: tuple[reads.Line, ...]
    coming: tuple[outlook.Event, ...]
    messages: tuple[Told, ...]
    steps: tuple[Step, ...]


def overview(me: SignedIn, now: datetime) -> Overview:
    """The member's own home page. Five statements."""
    programme = compiled()
    place, days = in_window(me, position(me, programme, now))
    projection = project(place, place.ladder, place.today, days)
    monday = start_of(period_start(place.today, "week"), programme.zone)
    week = read_one(_THIS_WEEK, {"member": me.id, "since": to_micros(monday)})
    lines = reads.recent(me, LINES)
    law = stays_open(me)
    perk = place.next_perk
    return Overview(
        greeting(me.alias or me.name, now.astimezone(me.zone)),
        int(week[0]),
        place,
        pick(dict(place.level.name), me.language),
        pick(dict(place.above.name), me.language) if place.above else "",
        f"{place.level.factor:f}" if place.level.factor != 1 and has_factor(programme, place.standing) else "",
        pick(perk.text, me.language) if perk else "",
        projection,
        words.outlook(place, projection, me.language),
        law,
        lines,
        outlook.outlook(me).coming,
        latest(me.id, MESSAGES, place.ladder, me.language),
        steps(me, bool(lines), law is not None, day_of(now, programme.zone)),
    )


def greeting(name: str, local: datetime) -> Sentence:
    """By the hour where the member is."""
    msgid = next((msgid for until, msgid in GREETINGS if local.hour < until), EVENING)
    return Sentence(msgid, {"name": next(iter(name.split(maxsplit=1)), name)})


def steps(me: SignedIn, has_lines: bool, is_strict: bool, today: int) -> tuple[Step, ...]:
    """What to do next, for a member in the first weeks; empty for whoever is under way."""
    if me.lifetime and today - day_of(me.joined_at, me.zone) > NEW_DAYS:
        return ()
    earning = (
        Sentence(_l("Under your client category points come from lessons, habits and the community."))
        if is_strict
        else Sentence(_l("Your broker reports what you do; each line here says what it earned, and why."))
    )
    return (
        Step(
            "badge-check",
            Sentence(_l("Join the programme")),
            Sentence(_l("Your address is confirmed.")),
            "home.show",
            True,
        ),
        Step(
            "circle-user",
            Sentence(_l("Choose how others see you")),
            Sentence(_l("An alias, your language, your time zone and the colours for up and down.")),
            "profile.show",
            bool(me.alias),
        ),
        Step("coins", Sentence(_l("See your first points explained")), earning, "points.show", has_lines),
        Step(
            "crown",
            Sentence(_l("Look at the way up")),
            Sentence(_l("What each level brings, and what keeps it.")),
            "tiers.show",
            False,
        ),
    )


def read_messages(member_id: int, now: datetime) -> int:
    """Mark everything the member was told as read, inside the open transaction; how many were new."""
    return connection().execute(_READ, {"member": member_id, "at": now}).rowcount
