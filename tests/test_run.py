"""`python3 run.py`: what it decides, what it says, and that one Ctrl-C leaves nothing behind."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import run

SOURCE = Path(run.__file__).read_text(encoding="utf-8")


class TestPython:
    def test_an_old_one_is_told_which_is_needed(self):
        assert "needs Python 3.11 or newer; this is Python 3.8" in run.too_old((3, 8, 10))

    @pytest.mark.parametrize("version", [(3, 11, 0), (3, 14, 1), (4, 0, 0)])
    def test_newer_ones_are_welcome(self, version):
        assert run.too_old(version) is None

    def test_an_old_one_can_read_far_enough_to_say_so(self):
        for new in ("f'", 'f"', ":=", "match ", "async ", "-> ", "from __future__"):
            assert f" {new}" not in SOURCE and f"({new}" not in SOURCE, f"run.py uses {new!r}"
        check = SOURCE.index("sys.exit(too_old(sys.version_info))")
        assert SOURCE.index("import argparse") > check, "the check comes before every other import"

    def test_debian_without_venv_is_told_the_package(self, monkeypatch):
        monkeypatch.setattr(run.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else object())
        with pytest.raises(run.CannotStart, match=r"apt-get install python3\.\d+-venv"):
            run.make_venv(clear=False)


class TestPackages:
    @pytest.fixture
    def files(self, tmp_path) -> Path:
        (tmp_path / "requirements.txt").write_text("flask==3.1.3\n")
        (tmp_path / "requirements-scale.txt").write_text("redis==8.1.0\n")
        return tmp_path

    def test_a_first_start_installs_all(self, files):
        wanted = run.fingerprints(["requirements.txt", "requirements-scale.txt"], files)
        assert run.outdated({}, wanted) == ["requirements.txt", "requirements-scale.txt"]

    def test_a_second_start_installs_nothing(self, files):
        wanted = run.fingerprints(["requirements.txt"], files)
        assert run.outdated(dict(wanted), wanted) == []

    def test_a_changed_file_is_installed_again(self, files):
        before = run.fingerprints(["requirements.txt", "requirements-scale.txt"], files)
        (files / "requirements.txt").write_text("flask==3.1.4\n")
        after = run.fingerprints(["requirements.txt", "requirements-scale.txt"], files)
        assert run.outdated(before, after) == ["requirements.txt"]

    @pytest.mark.parametrize("stamp", [None, "", "{half"])
    def test_a_lost_or_broken_stamp_means_nothing_is_installed(self, tmp_path, stamp):
        if stamp is not None:
            (tmp_path / "stamp").write_text(stamp)
        assert run.installed_before(tmp_path / "stamp") == {}

    def test_failing_to_fetch_names_the_ways_out(self):
        text = run.cannot_fetch(["requirements.txt"], None, "ERROR: No matching distribution found for flask")
        for word in ("No matching distribution", "HTTPS_PROXY", "PIP_INDEX_URL", "--wheels wheels"):
            assert word in text

    def test_a_folder_of_wheels_that_lacks_one_is_named(self):
        assert "/media/usb lacks a package" in run.cannot_fetch(["requirements.txt"], "/media/usb", "ERROR")


class TestSettings:
    def options(self, *arguments):
        return run.read_options(list(arguments))

    def test_the_data_folder_is_absolute_wherever_the_command_was_typed(self, monkeypatch, tmp_path):
        monkeypatch.chdir(tmp_path)
        variables, _ = run.environment(self.options("--data", "here"))
        assert variables["LAUREL_DATA"] == str(tmp_path / "here")

    def test_the_data_folder_is_for_its_owner_only(self, tmp_path):
        run.make_folder(str(tmp_path / "data"))
        assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700

    def test_a_data_folder_that_cannot_be_is_said(self, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(run.CannotStart, match="--data DIR"):
            run.make_folder(str(tmp_path / "file/data"))

    def test_the_embedded_installation_needs_the_base_only(self):
        assert run.environment(self.options())[1] == ["requirements.txt"]

    @pytest.mark.parametrize(
        "option", ["--database-url=postgresql://db/laurel", "--database-url=postgres://db", "--redis-url=redis://cache"]
    )
    def test_a_grown_one_needs_the_drivers_too(self, option):
        assert run.environment(self.options(option))[1] == ["requirements.txt", "requirements-scale.txt"]

    def test_a_setting_comes_from_the_environment_else_from_the_file(self, tmp_path):
        file = tmp_path / ".env"
        file.write_text("# LAUREL_REDIS_URL=no\nLAUREL_REDIS_URL = 'redis://file'\n")
        assert run.setting("LAUREL_REDIS_URL", {}, file) == "redis://file"
        assert run.setting("LAUREL_REDIS_URL", {"LAUREL_REDIS_URL": "redis://shell"}, file) == "redis://shell"
        assert run.setting("LAUREL_DATA", {}, file) == ""

    @pytest.mark.parametrize(
        ("host", "shown"),
        [
            ("127.0.0.1", "http://127.0.0.1:80"),
            ("0.0.0.0", "http://127.0.0.1:80"),
            ("::", "http://[::1]:80"),
            ("laurel.example", "http://laurel.example:80"),
        ],
    )
    def test_the_address_shown_can_be_opened(self, host, shown):
        assert run.address(host, 80) == shown


class TestPort:
    def test_a_taken_one_is_said_with_the_way_out(self):
        with closing(socket.create_server(("127.0.0.1", 0))) as other:
            port = other.getsockname()[1]
            with pytest.raises(run.CannotStart, match=f"Port {port} is taken(.|\n)*--port {port + 1}"):
                run.check_port("127.0.0.1", port)

    def test_a_free_one_passes(self):
        run.check_port("127.0.0.1", free_port())

    @pytest.mark.parametrize("typed", ["0", "65536", "-1", "http"])
    def test_what_is_no_port_is_refused(self, typed, capsys):
        with pytest.raises(SystemExit):
            run.read_options([f"--port={typed}"])
        assert "is no port" in capsys.readouterr().err

    def test_a_host_that_is_not_this_machine_is_said(self):
        with pytest.raises(run.CannotStart, match="Choose another --host"):
            run.check_port("192.0.2.1", free_port())


# A whole start, with an application small enough to start in no time.
LITTLE_WSGI = """
import json, os, pathlib, time
import click
from flask import Flask

app = Flask(__name__)
data = pathlib.Path(os.environ["LAUREL_DATA"])


@app.get("/healthz")
def healthz():
    return "ok"


@app.cli.command("prepare")
@click.option("--demo", is_flag=True)
def prepare(demo):
    data.mkdir(parents=True, exist_ok=True)
    print("migrating")
    amina = {"name": "Amina", "email": "amina@example.com", "password": "a-b-c", "about": "in the middle"}
    setup = None if demo else os.environ["LAUREL_PUBLIC_URL"] + "/setup?token=once"
    print(json.dumps({"sign_ins": [amina] if demo else [], "seeded": demo, "setup": setup}))


@app.cli.command("worker")
def worker():
    (data / "worker.pid").write_text(str(os.getpid()))
    while True:
        time.sleep(0.1)
"""


@pytest.fixture
def project(tmp_path) -> Path:
    """A copy of run.py beside a little application, its environment borrowed from the tests'."""
    folder = tmp_path / "project"
    (folder / ".venv/bin").mkdir(parents=True)
    shutil.copy(run.__file__, folder)
    (folder / "wsgi.py").write_text(LITTLE_WSGI)
    (folder / "requirements.txt").write_text("flask\n")
    python = folder / ".venv/bin/python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    stamp = {"python": f"{sys.version_info[0]}.{sys.version_info[1]}", **run.fingerprints(["requirements.txt"], folder)}
    (folder / ".venv/laurel-installed.json").write_text(json.dumps(stamp))
    return folder


@pytest.fixture
def started(project) -> Iterator[tuple[subprocess.Popen[str], int, list[str]]]:
    """A running start, its port, and the lines up to its greeting."""
    port = free_port()
    command = [sys.executable, "run.py", "--port", str(port), "--data", "data"]
    process = subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    lines: list[str] = []
    while not any("amina" in line for line in lines) and (line := process.stdout.readline()):
        lines.append(line)
    yield process, port, lines
    if process.poll() is None:
        process.send_signal(signal.SIGINT)  # killed, it would leave the web and the worker behind
    process.wait(timeout=15)


@pytest.mark.skipif(run.WINDOWS, reason="the processes are started with POSIX signals here")
class TestStart:
    def test_it_greets_and_one_signal_stops_both(self, started, project):
        process, port, lines = started
        assert any(f"http://127.0.0.1:{port}" in line for line in lines), lines
        assert any("amina@example.com" in line and "a-b-c" in line for line in lines), lines
        assert status(port) == 200
        worker = worker_of(project)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=15) == 0
        assert not alive(worker)
        run.check_port("127.0.0.1", port)

    def test_without_the_demo_it_says_where_the_setup_is_finished(self, project):
        port = free_port()
        command = [sys.executable, "run.py", "--no-demo", "--port", str(port), "--data", "data"]
        process = subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, text=True, encoding="utf-8")
        try:
            lines = []
            while "setup" not in "".join(lines) and (line := process.stdout.readline()):
                lines.append(line)
            assert f"Finish the setup at http://127.0.0.1:{port}/setup?token=once" in lines[-1], lines
            assert not any("Demo sign-ins" in line for line in lines)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=15)

    def test_when_the_worker_dies_the_web_is_stopped_and_the_exit_code_says_so(self, started, project):
        process, port, _ = started
        os.kill(worker_of(project), signal.SIGKILL)
        said, _ = process.communicate(timeout=15)
        assert process.returncode == 1
        assert "The worker process ended by itself" in said
        run.check_port("127.0.0.1", port)

    def test_a_second_one_on_the_same_port_says_what_to_do(self, started, project):
        _, port, _ = started
        command = [sys.executable, "run.py", "--port", str(port)]
        second = subprocess.run(command, cwd=project, capture_output=True, text=True, encoding="utf-8", check=False)
        assert second.returncode == 2
        assert f"Port {port} is taken" in second.stdout


def free_port() -> int:
    """A port that nobody listens on just now."""
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        return probe.getsockname()[1]


def worker_of(project: Path) -> int:
    """The worker's process id, once it has started."""
    file = project / "data/worker.pid"
    deadline = time.monotonic() + 10
    while not (file.exists() and file.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return int(file.read_text())


def status(port: int) -> int:
    """What the web process answers."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        connection.request("GET", "/healthz")
        return connection.getresponse().status


def alive(pid: int) -> bool:
    """Whether a process still runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
