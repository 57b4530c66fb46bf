"""Fixtures that every test may ask for: the application on a clean database, a client, and the outside services."""

import contextvars
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from hypothesis import HealthCheck, settings

from app.lib.cache import Kept
from tests.support import services
from tests.support.databases import ON_POSTGRES, Database, PostgresDatabase, SqliteDatabase, empty_postgres
from tests.support.examples import examples

pytest_plugins = ["tests.support.cast"]

# An example cleans up after itself or does without the database: the fixtures are set up once for all examples.
common: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}
settings.register_profile("ci", max_examples=examples(50), stateful_step_count=30, **common)
settings.register_profile("deep", max_examples=1000, stateful_step_count=100, **common)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


kept_values: list[Kept[Any]] = []


def pytest_configure() -> None:
    """Before the application is imported: forget a developer's own settings, and learn of every value it keeps."""
    for name in [name for name in os.environ if name.startswith("LAUREL_")]:
        del os.environ[name]
    make = Kept.__init__

    def make_and_tell(self: Kept[Any], *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        kept_values.append(self)

    Kept.__init__ = make_and_tell  # type: ignore[method-assign]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests of the other database; `python3 run.py test` runs them in its other pass.

    On PostgreSQL also those that meet no database: they would only say the same again.
    """
    other = "sqlite" if ON_POSTGRES else "postgres"
    left_out = {item for item in items if item.get_closest_marker(other) or (ON_POSTGRES and not _meets_database(item))}
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]


# The fixtures that lead to a database of the kind of the pass.
DATABASES = {"database", "empty_url", "environ", "fresh", "played", "unfinished"}


def _meets_database(item: pytest.Item) -> bool:
    return item.get_closest_marker("postgres") is not None or not DATABASES.isdisjoint(
        getattr(item, "fixturenames", DATABASES)
    )


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, or in CI fail, a browser test without a browser."""
    if item.get_closest_marker("browser"):
        services.CHROMIUM.require()


class MemberOfThePublic(FlaskClient):
    """A client whose requests start from nothing: neither the test's application context nor what it keeps there."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        return contextvars.Context().run(super().open, *args, **kwargs)


@pytest.fixture(scope="session")
def data_folder() -> Iterator[Path]:
    """The data folder of this worker's application; in memory where the system has such a place."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="laurel-test-", dir=memory if os.access(memory, os.W_OK) else None))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def database(data_folder: Path, worker_id: str) -> Iterator[Database]:
    """This worker's own database; empty until `installation` has prepared it."""
    with ExitStack() as stack:
        one: SqliteDatabase | PostgresDatabase
        if ON_POSTGRES:
            services.POSTGRES.require()
            one = stack.enter_context(empty_postgres(services.postgres_url(), f"{os.getpid()}_{worker_id}"))
        else:
            one = SqliteDatabase(data_folder / "laurel.db")
        yield one


@pytest.fixture(scope="session")
def installation(database: Database, data_folder: Path) -> Iterator[Flask]:
    """The application of this worker, prepared as run.py prepares it; tests ask for `app`."""
    from app.config import Settings
    from app.factory import create_app

    app = create_app(Settings(_env_file=None, env="test", data=data_folder, database_url=database.url))  # type: ignore[call-arg]
    app.test_client_class = MemberOfThePublic
    prepared = app.test_cli_runner().invoke(args=["prepare", "--base"])
    assert prepared.exit_code == 0, prepared.output
    let_go_of_connections(app)
    database.keep()
    yield app
    let_go_of_connections(app)


@pytest.fixture
def start_over(installation: Flask, database: Database) -> Callable[[], None]:
    """Puts the database back as it was prepared; for a test that plays many lives, as hypothesis does."""
    from app.routes.limits import limiter

    def again() -> None:
        let_go_of_connections(installation, kept_open=ON_POSTGRES)
        database.reset()
        installation.extensions.pop("laurel_kept", None)
        for kept in kept_values:
            kept.forget()
        limiter.reset()

    return again


@pytest.fixture
def app(installation: Flask, start_over: Callable[[], None]) -> Iterator[Flask]:
    """The application on a new installation's database, without demo season, inside an application context."""
    start_over()
    with installation.app_context():
        yield installation


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that has not signed in."""
    return app.test_client()


@pytest.fixture
def cli(app: Flask) -> FlaskCliRunner:
    """Runs commands: `cli.invoke(args=["ledger", "verify"])`."""
    return app.test_cli_runner()


@pytest.fixture
def redis_url(worker_id: str) -> Iterator[str]:
    """An empty Redis database of this worker."""
    services.REDIS.require()
    import redis

    number = 8 + int(worker_id.removeprefix("gw")) % 8 if worker_id.startswith("gw") else 7
    url = f"{services.redis_url().rstrip('/')}/{number}"
    with redis.Redis.from_url(url) as server:
        server.flushdb()
        yield url
        server.flushdb()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium, and nothing that it would like to tell anybody."""
    quiet = ["--disable-quic", "--no-first-run", "--disable-background-networking"]
    arguments = ["--no-sandbox", "--disable-gpu", *quiet, "--disable-component-update", "--disable-sync"]
    return browser_type_launch_args | {"executable_path": services.chromium(), "args": arguments}


def let_go_of_connections(app: Flask, *, kept_open: bool = False) -> None:
    """Close every pooled connection: the file or the rows behind them are about to change.

    `kept_open`: those that nobody uses may stay, because only the rows will be others.
    """
    from app.models.base import db, reader

    with app.app_context():
        db.session.remove()
        for engine in (db.engine, reader()):
            if not kept_open or engine.pool.checkedout():
                engine.dispose()
