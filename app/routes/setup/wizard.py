"""`/setup`: six steps from an empty database to a programme, opened once by the link of the console."""

from typing import Any

from flask import Blueprint, abort, flash, request, session
from werkzeug.wrappers import Response

from app.gamification import brand
from app.gamification.errors import Refusal
from app.gamification.errors.programme import AlreadySetUp, AnswersLost, NoEntity
from app.gamification.policy.packs import Verdict
from app.gamification.policy.starting import PACKS
from app.gamification.setup import founding
from app.gamification.setup.founding import MOST_ENTITIES
from app.gamification.setup.link import SetupLink, hash_of
from app.gamification.templates.allowance import Company, allowed
from app.gamification.templates.registry import every
from app.lib import clock
from app.lib.i18n import LANGUAGES, _l, pick
from app.lib.sealing import Sealer
from app.models.base import after_commit, transaction
from app.routes import htmx
from app.routes.countries import country_name
from app.routes.formats import say
from app.routes.language import COOKIE, language, speaking
from app.routes.limits import guard_link
from app.routes.rendering import page
from app.routes.settings import settings
from app.routes.setup.answers import EMPTY_ENTITY, Answers, after, before
from app.routes.setup.steps import KEEPS_PASSWORD, KEYS, STEPS, entity_forms, form_of, is_right

bp = Blueprint("setup", __name__)

OPENED = "setup"  # in the session: the hash of the link that opened the setup in this browser
YEAR = 365 * 24 * 3600
VERDICTS = {
    Verdict.ALLOW: ("gold", "coins", _l("Points")),
    Verdict.SERVICE_ONLY: ("brand", "gift", _l("Points for services")),
    Verdict.RECOGNITION: ("violet", "medal", _l("Badge only")),
    Verdict.FORBID: ("warn", "ban", _l("Nothing")),
    None: ("", "minus", _l("Not for them")),
}


@bp.get("/setup")
@guard_link
def show() -> Response:
    """The first step, for whoever comes by the link; the token leaves the address bar at once."""
    if brand.brand().is_set_up:
        return _too_late() if session.pop(OPENED, None) else abort(404)
    if token := request.args.get("token", ""):
        token_hash = hash_of(token)
        if not _link().is_opened_by(token_hash, clock.now()):
            return _closed()
        session[OPENED] = token_hash
        return htmx.see_other("/setup")
    return _at("owner", Answers(_opened_by())) if _is_open() else _closed()


@bp.post("/setup")
@guard_link
def answer() -> Response:
    """One step answered: the next one, the same with what is wrong with it, or the programme."""
    if brand.brand().is_set_up:
        return _too_late() if session.pop(OPENED, None) else abort(404)
    if not _is_open():
        return _closed()
    step, go = request.form.get("step", ""), request.form.get("go", "next")
    try:
        answers = _answers()
    except AnswersLost as refusal:
        return _at("owner", Answers(_opened_by()), status=422, refusal=refusal)
    if step not in KEYS:
        return _at("owner", answers, status=422)
    answers.take(step, request.form)
    if (spoken := request.form.get("speak", "")) in LANGUAGES:
        return _in_language(spoken, step, answers)
    if go == "back" or (go in KEYS and KEYS.index(go) < KEYS.index(step)):
        return _at(before(step) if go == "back" else go, answers)
    if step == "entities" and go != "next":
        return _rows_changed(go, answers)
    if go == "create":
        return _create(answers)
    wrong = _wrong(answers, KEYS[: KEYS.index(step) + 1])
    return _at(wrong, answers, status=422, check=True) if wrong else _at(after(step), answers)


def _create(answers: Answers) -> Response:
    wrong = _wrong(answers, KEYS)
    if wrong:
        return _at(wrong, answers, status=422, check=True)
    link = _link()
    try:
        with transaction():
            founding.found(answers.plan(), clock.now(), answers.owner())
            after_commit(link.burn)
            after_commit(brand.forget)
    except AlreadySetUp:
        session.pop(OPENED, None)
        brand.forget()
        return _too_late()
    except Refusal as refusal:
        return _at("summary", answers, status=422, refusal=refusal)
    session.pop(OPENED, None)
    flash(_l("The programme is made. Sign in with the address and password you chose."))
    return htmx.see_other("/admin")


def _wrong(answers: Answers, steps: tuple[str, ...]) -> str | None:
    """The first of these steps that was not answered rightly."""
    return next((step for step in steps if not _is_answered(step, answers)), None)


def _is_answered(step: str, answers: Answers) -> bool:
    if step == "summary":
        return True
    if step == "entities":
        few_enough = 1 <= len(answers.entities) <= MOST_ENTITIES
        return few_enough and all(is_right(form) for form in entity_forms(answers.entities))
    return is_right(form_of(step, answers.of(step) or {}))


def _rows_changed(go: str, answers: Answers) -> Response:
    rows = answers.entities
    if go == "add" and len(rows) < MOST_ENTITIES:
        rows.append(dict(EMPTY_ENTITY))
    place = go.removeprefix("remove-")
    if place.isdecimal() and len(rows) > 1 and int(place[:3]) < len(rows):
        del rows[int(place[:3])]
    answers.typed["entities"] = rows
    return _at("entities", answers)


def _at(
    step: str, answers: Answers, *, status: int = 200, check: bool = False, refusal: Refusal | None = None
) -> Response:
    """The page of a step; `check` shows what is wrong with what was typed. Nobody sums up what is incomplete."""
    if step == "summary" and (wrong := _wrong(answers, KEYS)):
        step, check = wrong, True
    context: dict[str, Any] = {"step": step, "steps": STEPS, "place": KEYS.index(step), "offered": LANGUAGES}
    context |= {"refused": say(refusal.sentence) if refusal else "", "verdicts": VERDICTS}
    context["sealed"] = answers.sealed(_sealer())
    if step == "entities":
        context |= _entities(answers, check=check)
    elif step == "summary":
        context |= _summary(answers)
    else:
        context |= _form(step, answers, check=check)
    return page("setup/wizard.html", status=status, **context)


def _form(step: str, answers: Answers, *, check: bool) -> dict[str, Any]:
    form = form_of(step, answers.of(step))
    if check:
        is_right(form)
    if step == "owner" and answers.knows_password and not form.password.errors:
        form.password.description = KEEPS_PASSWORD
    context: dict[str, Any] = {"form": form}
    if step == "template":
        companies = [Company(one.name, one.country, one.pack_key) for one in answers.companies()]
        context["templates"] = [(template, allowed(template.key, companies)) for template in every()]
    return context


def _entities(answers: Answers, *, check: bool) -> dict[str, Any]:
    rows = answers.entities[:MOST_ENTITIES]
    forms = entity_forms(rows)
    context: dict[str, Any] = {"forms_of_rows": forms, "may_add": len(rows) < MOST_ENTITIES}
    if check:
        for form in forms:
            is_right(form)
        if len(answers.entities) > MOST_ENTITIES:
            context["refused"] = say(NoEntity(most=MOST_ENTITIES).sentence)
    return context


def _summary(answers: Answers) -> dict[str, Any]:
    plan = answers.plan()
    companies = [Company(one.name, one.country, one.pack_key) for one in plan.entities]
    template = founding.chosen_template(plan.template)
    return {
        "plan": plan,
        "owner": answers.owner(),
        "chosen": template,
        "allowance": allowed(template.key, companies),
        "language_names": [LANGUAGES[code] for code in plan.languages],
        "country_name": country_name,
        "pack_name": lambda key: pick(PACKS[key]["name"], language().code),
    }


def _in_language(code: str, step: str, answers: Answers) -> Response:
    with speaking(code):
        response = _at(step, answers)
    secure = settings().secure_cookies
    response.set_cookie(COOKIE, code, max_age=YEAR, httponly=True, samesite="Lax", secure=secure)
    return response


def _answers() -> Answers:
    sealed = request.form.get("answers", "")
    return Answers.unsealed(sealed, _opened_by(), _sealer()) if sealed else Answers(_opened_by())


def _opened_by() -> str:
    carried: Any = session.get(OPENED, "")
    return carried if isinstance(carried, str) else ""


def _is_open() -> bool:
    return _link().is_opened_by(_opened_by(), clock.now())


def _link() -> SetupLink:
    return SetupLink(settings().data)


def _sealer() -> Sealer:
    return Sealer(settings().installation_secret)


def _closed() -> Response:
    """For whoever has no link, or a wrong or an old one: the same words, so that nobody learns which."""
    return page("setup/closed.html", status=404)


def _too_late() -> Response:
    return page("setup/too_late.html", status=409)
