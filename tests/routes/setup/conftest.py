"""An installation that was started and not set up: migrated once, put back before every test."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask

from app.config import Settings
from app.factory import create_app
from app.gamification.setup.link import SetupLink
from app.lib import clock
from tests.conftest import MemberOfThePublic, let_go_of_connections
from tests.routes.setup.walking import Walker
from tests.support import services
from tests.support.databases import ON_POSTGRES, Database, PostgresDatabase, SqliteDatabase, empty_postgres


@pytest.fixture(scope="session")
def unfinished(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[tuple[Flask, Database]]:
    """The application on a migrated database without a programme."""
    folder = tmp_path_factory.mktemp("unfinished")
    with ExitStack() as stack:
        database: SqliteDatabase | PostgresDatabase = SqliteDatabase(folder / "laurel.db")
        if ON_POSTGRES:
            services.POSTGRES.require()
            server = empty_postgres(services.postgres_url(), f"{os.getpid()}_{worker_id}_setup")
            database = stack.enter_context(server)
        app = create_app(Settings(_env_file=None, env="test", data=folder, database_url=database.url))  # type: ignore[call-arg]
        app.test_client_class = MemberOfThePublic
        prepared = app.test_cli_runner().invoke(args=["prepare"])
        assert prepared.exit_code == 0, prepared.output
        let_go_of_connections(app)
        database.keep()
        yield app, database
        let_go_of_connections(app)


@pytest.fixture
def new(unfinished: tuple[Flask, Database]) -> Iterator[Flask]:
    """That application as it was after its first start, inside a context."""
    from app.routes.limits import limiter
    from tests.conftest import kept_values

    app, database = unfinished
    let_go_of_connections(app)
    database.reset()
    app.extensions.pop("laurel_kept", None)
    for kept in kept_values:
        kept.forget()
    limiter.reset()
    with app.app_context():
        yield app


@pytest.fixture
def link(new: Flask) -> str:
    """The path of a fresh link."""
    folder: Path = new.extensions["laurel_settings"].data
    return f"/setup?token={SetupLink(folder).renew(clock.now())}"


@pytest.fixture
def walker(new: Flask, link: str) -> Walker:
    """A browser that has opened the link."""
    return Walker(new.test_client(), link)


@pytest.fixture
def another(new: Flask, link: str) -> Callable[[], Walker]:
    """Opens the same link in another browser."""
    return lambda: Walker(new.test_client(), link)
