"""Settings: from the environment (LAUREL_…), the data folder's own secrets, and defaults that work on one machine."""

import contextlib
import os
import secrets
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

WEAK_SECRETS = frozenset({"", "secret", "changeme", "change-me", "dev", "development", "password", "laurel"})
SHORTEST_SECRET = 32


class Settings(BaseSettings):
    """Every key of `.env.example`; unknown LAUREL_ keys in a file are ignored, wrong values refuse to start."""

    model_config = SettingsConfigDict(env_prefix="LAUREL_", env_file=".env", extra="ignore", frozen=True)

    env: Literal["production", "development", "test"] = "production"
    data: Path = Path("instance")
    database_url: str = ""
    redis_url: str = ""
    secret_key: str = ""
    public_url: str = "http://127.0.0.1:8000"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] = "console"
    max_request_bytes: int = Field(default=6 * 1024 * 1024, ge=1024)
    trusted_proxies: int = Field(default=0, ge=0, le=4)
    secure_cookies: bool = False
    mail_server: str = ""
    mail_port: int = 587
    mail_username: str = ""
    mail_password: str = ""
    mail_use_tls: bool = True
    mail_sender: str = "Laurel <no-reply@localhost>"
    api_rate: str = "500/second"
    sign_in_rate: str = "10/minute;60/hour"
    upload_rate: str = "20/minute;200/hour"
    try_rate: str = "10/minute;60/hour"
    picture_rate: str = "60/minute"
    web_processes: int = Field(default=1, ge=1)
    live_streams: int = Field(default=16, ge=0, le=1000, description="streams a web process holds open at once")
    round_activities: int = Field(default=0, ge=0, description="activities a worker folds at once; 0: by database")
    sentry_dsn: str = ""

    @field_validator("data")
    @classmethod
    def _absolute(cls, folder: Path) -> Path:
        return folder.expanduser().resolve()

    @model_validator(mode="after")
    def _fit_to_start(self) -> "Settings":
        secret = self.secret_key
        if self.env == "production" and secret and (len(secret) < SHORTEST_SECRET or secret.lower() in WEAK_SECRETS):
            raise ValueError(
                f"LAUREL_SECRET_KEY is too weak: use at least {SHORTEST_SECRET} random characters, "
                "or leave it out and one is made in the data folder"
            )
        if self.web_processes > 1 and not self.redis_url:
            raise ValueError("more than one web process needs LAUREL_REDIS_URL: caches and limits must be shared")
        return self

    @cached_property
    def sqlalchemy_url(self) -> str:
        """The database's address as SQLAlchemy reads it; SQLite in the data folder unless one is given."""
        if not self.database_url:
            return f"sqlite:///{self.data / 'laurel.db'}"
        scheme, _, rest = self.database_url.partition("://")
        if scheme in ("postgres", "postgresql"):
            return f"postgresql+psycopg://{rest}"
        return self.database_url

    @cached_property
    def installation_secret(self) -> str:
        """The secret that signs sessions and seals keys: given, or made once in the data folder."""
        return self.secret_key or secret_in(self.data / "secret_key")


def secret_in(path: Path) -> str:
    """The secret kept in a file that only its owner can read; made at the first call, the same ever after."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
        # A link appears whole or not at all: of two processes that start together one makes the secret.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="ascii").strip()
