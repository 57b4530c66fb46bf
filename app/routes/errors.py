"""Refusals and failures become a status and a sentence here and nowhere else: as page, fragment or JSON."""

from typing import Any, NamedTuple

from flask import Flask, Response, g, jsonify, make_response, render_template, request, url_for
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from structlog import get_logger
from werkzeug.exceptions import HTTPException

from app.gamification.errors import Conflict, Forbidden, NotFound, Refusal
from app.gamification.errors.badges import BadgeNotFound
from app.gamification.errors.challenges import ChallengeNotFound
from app.gamification.errors.lessons import LessonNotFound
from app.gamification.programme import NotSetUp
from app.lib.i18n import Sentence, _l
from app.routes import htmx
from app.routes.formats import say, say_plainly

log = get_logger(__name__)


class Words(NamedTuple):
    """What a status is called, what happened, and what to do."""

    key: str
    title: str
    sentence: str
    next_step: str


WORDS = {
    400: Words(
        "bad_request",
        _l("We could not read that"),
        _l("Your browser sent something that this page does not understand."),
        _l("Go back, load the page again, and try once more."),
    ),
    401: Words(
        "not_signed_in",
        _l("Sign in first"),
        _l("This page is for members."),
        _l("Sign in, and you come back here."),
    ),
    403: Words(
        "forbidden",
        _l("This is not open to you"),
        _l("The page exists, but not for your account."),
        _l("If you think it should, ask us."),
    ),
    404: Words(
        "not_found",
        _l("There is nothing here"),
        _l("The address may be mistyped, or what was here is gone."),
        _l("Start again from the home page."),
    ),
    405: Words(
        "method_not_allowed",
        _l("That cannot be done here"),
        _l("The page exists, but does not take this kind of request."),
        _l("Go back and use the buttons of the page."),
    ),
    409: Words(
        "conflict",
        _l("Something else was first"),
        _l("What you sent collides with what is stored already."),
        _l("Load the page again to see how things stand."),
    ),
    413: Words(
        "too_large",
        _l("That is too large"),
        _l("What you sent is larger than this page takes."),
        _l("Send less at once, or a smaller file."),
    ),
    415: Words(
        "unsupported_media_type",
        _l("We cannot read this kind of file"),
        _l("What you sent is of a kind that this page does not read."),
        _l("Check the format and send it again."),
    ),
    422: Words(
        "not_acceptable",
        _l("Something needs another look"),
        _l("We understood what you sent, but cannot do it like this."),
        _l("Go back, change it, and try again."),
    ),
    429: Words(
        "too_many_requests",
        _l("A little too fast"),
        _l("There were too many attempts in a short time."),
        _l("Wait a minute, then try again."),
    ),
    500: Words(
        "failed",
        _l("Something went wrong on our side"),
        _l("It is not your fault, and nothing you did is lost: your request was not carried out."),
        _l("Try again in a moment. If it stays so, write to us with the number below."),
    ),
    503: Words(
        "unavailable",
        _l("We are not ready yet"),
        _l("The programme is being set up or maintained."),
        _l("Try again in a few minutes."),
    ),
}
_STALE = Words(
    "stale_form",
    _l("This page was open for too long"),
    _l("For your safety a form only works in the browser that opened it, until you sign in or out."),
    _l("Go back, load the page again, and send it once more."),
)
_UNFINISHED = Words(
    "not_set_up",
    _l("This programme opens soon"),
    _l("Its setup is not finished yet."),
    _l("Come back a little later."),
)
# Where those are that can be found, for who looks for one that cannot.
_OTHERS: dict[type[Refusal], tuple[str, str]] = {
    BadgeNotFound: ("badges.show", _l("All badges")),
    ChallengeNotFound: ("challenges.show", _l("All challenges")),
    LessonNotFound: ("lessons.show", _l("All lessons")),
}
_STATUSES = ((NotFound, 404), (Forbidden, 403), (Conflict, 409), (Refusal, 422))


def status_of(refusal: Refusal) -> int:
    """The status that a refusal is answered with."""
    return next(status for kind, status in _STATUSES if isinstance(refusal, kind))


def wants_json() -> bool:
    """Whether the one who asks is a program."""
    if request.path.startswith("/api/"):
        return True
    accepted = request.accept_mimetypes
    return accepted.best_match(("text/html", "application/json")) == "application/json" and not htmx.is_fragment()


def answer(
    status: int,
    words: Words,
    sentence: Sentence | str | None = None,
    *,
    template: str = "errors/page.html",
    others: tuple[str, str] | None = None,
) -> Response:
    """The error as the one who asks can use it; `others` is the name of a page, and what its link says."""
    said = sentence or words.sentence
    request_id = g.get("request_id", "")
    if wants_json():
        text = say_plainly(said) if isinstance(said, Sentence) else say_plainly(Sentence(said))
        next_step = say_plainly(Sentence(words.next_step))
        response = jsonify(error=words.key, message=text, next_step=next_step, request_id=request_id)
    else:
        template = "errors/_fragment.html" if htmx.is_fragment() else template
        context: dict[str, Any] = {"status": status, "title": say(words.title), "next_step": say(words.next_step)}
        # Whoever met a refusal needs no number: it is the page's own answer, not a failure to look up.
        context["request_id"] = request_id if status >= 500 else ""
        context["others"] = others and (url_for(others[0]), say(others[1]))
        response = make_response(render_template(template, sentence=say(said), **context))
        response.vary.update(("HX-Request", "Accept"))
    response.status_code = status
    if status == 429:
        response.headers["Retry-After"] = "60"
    return response


def _refused(refusal: Refusal) -> Response:
    status = status_of(refusal)
    return answer(status, WORDS[status], refusal.sentence, others=_OTHERS.get(type(refusal)))


def _stale(_error: CSRFError) -> Response:
    return answer(400, _STALE)


def _not_set_up(_error: NotSetUp) -> Response:
    return answer(503, _UNFINISHED, template="errors/not_set_up.html")


def _http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return make_response(error.get_response())
    words = WORDS.get(error.code) or WORDS[400 if error.code < 500 else 500]
    response = answer(error.code, words)
    for name, value in error.get_headers():
        if name.lower() == "allow":
            response.headers[name] = value
    return response


def _failed(error: Exception) -> Response:
    log.exception("request failed", path=request.path)
    # The reader may be what cannot be read: the page must not ask the database again.
    g._login_user = AnonymousUserMixin()
    g.pop("language", None)
    try:
        return answer(500, WORDS[500])
    except Exception:
        log.exception("not even the error page could be shown")
        return Response("Something went wrong on our side. Please try again in a moment.\n", 500, mimetype="text/plain")


def install(app: Flask) -> None:
    """Let nothing leave the house unworded."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(NotSetUp, _not_set_up)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _failed)
