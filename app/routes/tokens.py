"""The sign that a form is ours, as Flask-WTF checks it; made once a request, by a signer that is made once."""

import secrets

from flask import Flask, current_app, g, session
from flask_wtf import CSRFProtect
from itsdangerous import URLSafeTimedSerializer

NAME = "csrf_token"
SIGNER = "laurel_csrf_signer"


def csrf_token() -> str:
    """The token of this session, signed. Flask-WTF's own makes a signer for each, at three times the cost."""
    token: str | None = g.get(NAME)
    if token is None:
        if NAME not in session:
            session[NAME] = secrets.token_hex(20)
        signer: URLSafeTimedSerializer = current_app.extensions[SIGNER]
        token = g.csrf_token = str(signer.dumps(session[NAME]))
    return token


def install(app: Flask) -> CSRFProtect:
    """Refuse every post without a token; returns what may exempt a blueprint."""
    protection = CSRFProtect(app)
    app.extensions[SIGNER] = URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="wtf-csrf-token")
    app.jinja_env.globals[NAME] = csrf_token
    return protection
