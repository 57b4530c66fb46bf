"""An empty database for each test, of the kind this pass runs on."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.models.base import db, init_database, reader
from tests.support import services
from tests.support.databases import ON_POSTGRES, empty_postgres


@pytest.fixture
def empty_url(tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table."""
    if not ON_POSTGRES:
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    services.POSTGRES.require()
    with empty_postgres(services.postgres_url(), f"{os.getpid()}_{tmp_path.name[-12:]}") as database:
        yield database.url


@pytest.fixture
def bare_app(empty_url: str) -> Iterator[Flask]:
    """An application that has nothing but this database."""
    app = Flask("bare")
    init_database(app, empty_url.replace("postgresql://", "postgresql+psycopg://"))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
        reader().dispose()
