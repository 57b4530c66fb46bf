"""Small demo seasons in installations of their own: playing one takes seconds, so the tests share it."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from app.config import Settings
from app.factory import create_app
from app.seeds.demo import seed_demo
from tests.conftest import let_go_of_connections
from tests.support import services
from tests.support.databases import ON_POSTGRES, empty_postgres

NOW = datetime(2026, 10, 28, 16, 40, 7, tzinfo=UTC)
CROWD = 24


@contextmanager
def installation(folder: Path, name: str) -> Iterator[Flask]:
    """An application on a new database with a programme and no members."""
    with ExitStack() as stack:
        url = ""
        if ON_POSTGRES:
            services.POSTGRES.require()
            url = stack.enter_context(empty_postgres(services.postgres_url(), f"{os.getpid()}_{name}")).url
        app = create_app(Settings(_env_file=None, env="test", data=folder, database_url=url))  # type: ignore[call-arg]
        prepared = app.test_cli_runner().invoke(args=["prepare", "--base"])
        assert prepared.exit_code == 0, prepared.output
        yield app
        let_go_of_connections(app)


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An installation with a season of a small crowd, one for each worker; nothing may be written to it."""
    with installation(tmp_path_factory.mktemp("season"), "season") as app:
        with app.app_context():
            seed_demo(NOW, CROWD)
        yield app


@pytest.fixture
def season(played: Flask) -> Iterator[Flask]:
    """The season's application, inside its context."""
    with played.app_context():
        yield played
