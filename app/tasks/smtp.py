"""The mail server: how it is reached, and that it is the one it says it is."""

import smtplib
import ssl
from typing import Any

from flask import Flask
from flask_mailman import Mail
from flask_mailman.backends.smtp import EmailBackend

from app.config import Settings

SECONDS_TO_ANSWER = 10


class VerifyingSmtp(smtplib.SMTP):
    """Checks the server's certificate, which smtplib does only when it is told to."""

    def starttls(self, *, context: ssl.SSLContext | None = None) -> Any:  # type: ignore[override]
        return super().starttls(context=context or ssl.create_default_context())


class VerifyingEmailBackend(EmailBackend):
    """Mail over SMTP; with implicit TLS on port 465, by STARTTLS elsewhere."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return smtplib.SMTP_SSL if self.use_ssl else VerifyingSmtp


def init_mail(app: Flask, settings: Settings) -> None:
    """Tell Flask-Mailman which server delivers, if any."""
    implicit = settings.mail_port == smtplib.SMTP_SSL_PORT
    app.config.update(
        MAIL_BACKEND=f"{__name__}.{VerifyingEmailBackend.__name__}",
        MAIL_SERVER=settings.mail_server,
        MAIL_PORT=settings.mail_port,
        MAIL_USERNAME=settings.mail_username or None,
        MAIL_PASSWORD=settings.mail_password or None,
        MAIL_USE_TLS=settings.mail_use_tls and not implicit,
        MAIL_USE_SSL=settings.mail_use_tls and implicit,
        MAIL_DEFAULT_SENDER=settings.mail_sender,
        MAIL_TIMEOUT=SECONDS_TO_ANSWER,
    )
    Mail(app)
