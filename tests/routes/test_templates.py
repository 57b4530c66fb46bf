"""Templates are compiled once a language, and say the same as if they were not."""

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient

from app.routes.language import language_of, speaking
from tests.support.cast import Person, post, sign_in, token


def compiled(app: Flask, language: str, source: str) -> str:
    """The code that a template becomes in one language."""
    with app.test_request_context("/"), speaking(language):
        return str(app.jinja_env.in_language(language_of(language)).compile(source, "test.html", raw=True))


@pytest.mark.parametrize(
    "source",
    [
        "{{ _('Sign in') }}",
        "{% trans %}Sign in{% endtrans %}",
        "{{ icons.icon('check') }}",
        "{{ ui.pill(_('Points'), 'gold') }}",
        "{{ asset('favicon.svg') }}",
        "{{ url_for('login.show') }}",
        "{{ ui.button(_('Join'), url_for('join.show'), 'gold', 'user-plus') }}",
    ],
)
def test_what_never_changes_is_settled_beforehand(app: Flask, source: str):
    code = compiled(app, "en", source)
    assert "call(" not in code and "resolve('" not in code, code


@pytest.mark.parametrize(
    "source",
    [
        "{{ forms.csrf() }}",
        "{{ csrf_token() }}",
        "{{ _(name) }}",
        "{{ url_for('landing.enter_demo', next=here) }}",
        "{{ ui.num(me.available) }}",
        "{{ url_for('no.such.page') }}",
    ],
)
def test_what_is_each_readers_own_is_asked_at_every_page(app: Flask, source: str):
    assert "call(" in compiled(app, "en", source)


def test_a_macro_with_a_body_keeps_it(app: Flask):
    with app.test_request_context("/"):
        source = "{% call ui.part(_('Points'), 'coins') %}{{ name }}{% endcall %}"
        overlay = app.jinja_env.in_language(language_of("en"))
        assert "<b>me</b>" not in (said := overlay.from_string(source).render(name="<b>me</b>"))
        assert "Points" in said and "&lt;b&gt;me&lt;/b&gt;" in said


def test_each_language_has_its_own(app: Flask):
    with app.test_request_context("/"):
        assert app.jinja_env.in_language(language_of("ar")) is app.jinja_env.in_language(language_of("ar"))
        assert app.jinja_env.in_language(language_of("ar")) is not app.jinja_env.in_language(language_of("zh"))
        assert url_for("login.show") == "/login"


def test_two_readers_never_share_a_token(client: FlaskClient, app: Flask, alice: Person):
    other = sign_in(app.test_client(), alice)
    assert token(client) != token(other)
    assert post(client, "/language", {"language": "ar"}).status_code == 303
    assert post(other, "/language", {"language": "zh"}).status_code == 303
    assert 'lang="ar"' in client.get("/terms").text and 'lang="zh-Hans"' in other.get("/terms").text
