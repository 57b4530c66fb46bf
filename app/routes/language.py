"""The reader's language: which it is, and its catalogue, kept in the shape that a page of a hundred sentences wants."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel.core import Locale
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_request_context, request
from flask_babel import Babel
from markupsafe import Markup, escape

from app.gamification.brand import brand
from app.lib.i18n import DEFAULT_LANGUAGE, LANGUAGES, Counted, best_language, direction
from app.routes.desk import at_desk, signed_in_staff
from app.routes.session import signed_in

TRANSLATIONS = Path(__file__).resolve().parent.parent / "translations"
COOKIE = "lang"


class Language:
    """One language with its catalogue."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.direction = direction(code)
        self.locale = Locale.parse("zh_Hans" if code == "zh" else code)
        self.catalogue: NullTranslations = Translations.load(str(TRANSLATIONS), [code])

    def text(self, msgid: str) -> str:
        """The sentence in this language, its placeholders still in it."""
        # The empty msgid is the catalogue's own header.
        return self.catalogue.gettext(msgid) if msgid else ""

    def counted(self, msgid: Counted, figure: Any) -> str:
        """The form of a sentence that goes with a figure, its placeholders still in it."""
        # Broken figures and what is no figure take the general form, which is that of a hundred in every language.
        whole = int(figure) if isinstance(figure, int | Decimal) and figure == int(figure) else 100
        return self.catalogue.ngettext(msgid, msgid.plural, abs(whole))

    def gettext(self, msgid: str, /, **values: object) -> Markup:
        """`_()` of templates: translated, and safe to stand in HTML. What was said already stays as it is."""
        if isinstance(msgid, Markup):
            return msgid
        if not values:
            return _ready(self, msgid)
        # What `Markup % values` does, without a wrapper for each value.
        return Markup(self.text(msgid) % {name: escape(value) for name, value in values.items()})

    def ngettext(self, singular: str, plural: str, num: int, /, **values: object) -> Markup:
        """The plural of templates."""
        return Markup(self.catalogue.ngettext(singular, plural, num)) % {"num": num, **values}

    def pgettext(self, context: str, msgid: str, /, **values: object) -> Markup:
        """`_()` of a word with several meanings."""
        return Markup(self.catalogue.pgettext(context, msgid)) % values

    def words(self) -> dict[str, Callable[..., Markup]]:
        """What templates call these functions."""
        return {"_": self.gettext, "gettext": self.gettext, "ngettext": self.ngettext, "pgettext": self.pgettext}


@lru_cache(maxsize=8192)
def _ready(spoken: Language, msgid: str) -> Markup:
    # Flask-Babel needs 11 µs to find a sentence: a page of a hundred would spend most of its time on that.
    return Markup(spoken.text(msgid) % {})


language_of = cache(Language)


def language() -> Language:
    """The reader's: the signed-in reader's own, else the cookie's, else the browser's, else English."""
    try:
        spoken: Language = g.language
    except AttributeError:
        spoken = g.language = language_of(_choose())
    return spoken


@contextmanager
def speaking(code: str) -> Iterator[Language]:
    """Render in another language than the reader's, such as a mail to somebody else."""
    before = g.get("language")
    g.language = language_of(best_language(code))
    try:
        yield g.language
    finally:
        g.language = before
        if before is None:
            forget_language()


def forget_language() -> None:
    """Choose again: somebody signed in, or switched."""
    g.pop("language", None)


def _choose() -> str:
    if not has_request_context():
        return best_language(None)
    reader = signed_in_staff() if at_desk() else signed_in()
    wanted = reader.language if reader else request.cookies.get(COOKIE)
    return best_language(wanted if wanted in LANGUAGES else None, list(request.accept_languages.values()), offered())


def offered() -> Mapping[str, str]:
    """The languages that this reader may choose, by code: staff any, members and visitors what the programme offers."""
    if at_desk():
        return LANGUAGES
    return {code: LANGUAGES[code] for code in brand().languages}


def gettext(msgid: str, /, **values: object) -> Markup:
    """The sentence in the reader's language."""
    return language().gettext(msgid, **values)


def install(app: Flask) -> None:
    """Make templates and form messages speak the reader's language."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(app, configure_jinja=False, locale_selector=lambda: language().locale)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.newstyle_gettext = True  # type: ignore[attr-defined]
    app.jinja_env.globals.update({name: _in_readers(name) for name in language_of(DEFAULT_LANGUAGE).words()})


def _in_readers(name: str) -> Callable[..., Markup]:
    def said(*words: Any, **values: object) -> Markup:
        return language().words()[name](*words, **values)

    return said
