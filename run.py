"""Starts Laurel from a fresh copy with nothing but Python: `python3 run.py`; `python3 run.py test` runs its tests."""

import sys

# Before anything else, and in words that a Python of years ago can read: the reason nothing will start.
NEEDED = (3, 11)


def too_old(version):
    """What to tell someone whose Python is too old, or None."""
    if tuple(version[:2]) >= NEEDED:
        return None
    have, need = [".".join(str(part) for part in numbers[:2]) for numbers in (version, NEEDED)]
    return (
        "Laurel needs Python %s or newer; this is Python %s.\n"
        "Install a newer one (python.org, or your system's packages) and start with it: python%s run.py"
        % (need, have, need)
    )


if too_old(sys.version_info):
    sys.exit(too_old(sys.version_info))

import argparse
import errno
import hashlib
import http.client
import importlib.util
import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "laurel-installed.json"
WINDOWS = os.name == "nt"
PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")
BASE, SCALE, DEV = "requirements.txt", "requirements-scale.txt", "requirements-dev.txt"
SECONDS_TO_START, SECONDS_TO_STOP = 60, 20


class CannotStart(Exception):
    """Something the person at the keyboard can mend; the message says how."""


# --- packages


def fingerprints(names, folder=ROOT):
    """The SHA-256 of each requirements file by name: what `installed` is compared with."""
    return {name: hashlib.sha256((Path(folder) / name).read_bytes()).hexdigest() for name in names}


def outdated(installed, wanted):
    """Names of the requirements files that changed since they were installed, or never were."""
    return [name for name, fingerprint in wanted.items() if installed.get(name) != fingerprint]


def installed_before(stamp=STAMP):
    """What an earlier start left in the environment's stamp; empty when there is none or it cannot be read."""
    try:
        return json.loads(Path(stamp).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def is_whole(python=PYTHON):
    """Whether the environment was finished: one that was interrupted has a Python but no pip."""
    ask_pip = [str(python), "-m", "pip", "--version"]
    return python.exists() and subprocess.run(ask_pip, capture_output=True, check=False).returncode == 0


def make_venv(clear):
    """Create `.venv`, or explain what a system without the parts for it is missing."""
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise CannotStart(
            "This Python cannot make virtual environments: its `venv` is missing.\n"
            "On Debian and Ubuntu: sudo apt-get install python%d.%d-venv, then start again." % sys.version_info[:2]
        )
    say("Making the environment in .venv …")
    command = [sys.executable, "-m", "venv", *(["--clear"] if clear else []), str(VENV)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        raise CannotStart("%s could not be made:\n%s" % (VENV, last_lines(made.stdout + made.stderr)))


def install(names, wheels=None):
    """Bring the environment up to these requirements files; does nothing at all when none has changed."""
    python, wanted, installed = "%d.%d" % sys.version_info[:2], fingerprints(names), installed_before()
    other_python = installed.get("python", python) != python
    if PYTHON.exists() and not other_python and not outdated(installed, wanted):
        return
    if other_python or not is_whole():
        make_venv(clear=other_python)
        installed = {}
    say("Installing packages; the first time this takes a minute …")
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if wheels:
        command += ["--no-index", "--find-links", str(wheels)]
    for name in names:
        command += ["-r", str(ROOT / name)]
    # pip inherits proxy, index and certificates from the environment and from its own configuration.
    pip = subprocess.run(command, capture_output=True, text=True, check=False)
    if pip.returncode:
        raise CannotStart(cannot_fetch(names, wheels, pip.stderr))
    STAMP.write_text(json.dumps(dict(installed, python=python, **wanted), indent=1), encoding="utf-8")


def cannot_fetch(names, wheels, output):
    """What to do when pip failed: its own last words, then the ways out."""
    files = " ".join("-r " + name for name in names)
    if wheels:
        advice = "The folder %s lacks a package. Fill it again, with the same Python:" % wheels
    else:
        advice = (
            "Behind a proxy, set HTTPS_PROXY; for an index of your own, PIP_INDEX_URL; for its certificate, PIP_CERT.\n"
            "For a machine without a network, fill a folder on one that has it, with the same Python:"
        )
    return (
        "The packages could not be fetched. pip says:\n%s\n\n%s\n"
        "  python3 -m pip download %s -d wheels\n"
        "then start with: python3 run.py --wheels wheels" % (last_lines(output), advice, files)
    )


# --- settings


def setting(name, environ=os.environ, env_file=ROOT / ".env"):
    """A LAUREL_ setting as the application will read it: from the environment, else from `.env`."""
    if name in environ:
        return environ[name]
    lines = env_file.read_text(encoding="utf-8").splitlines() if env_file.exists() else []
    values = [line.partition("=")[2].strip().strip("'\"") for line in lines if line.partition("=")[0].strip() == name]
    return values[-1] if values else ""


def environment(options):
    """The variables for the application's processes, and the requirements files that these settings need."""
    variables = dict(os.environ, PYTHONUNBUFFERED="1")
    # Absolute, because the processes run in the project's folder and not where the command was typed.
    variables["LAUREL_DATA"] = os.path.abspath(options.data or setting("LAUREL_DATA") or str(ROOT / "instance"))
    for name, given in (("LAUREL_DATABASE_URL", options.database_url), ("LAUREL_REDIS_URL", options.redis_url)):
        if given:
            variables[name] = given
    if not setting("LAUREL_PUBLIC_URL"):
        variables["LAUREL_PUBLIC_URL"] = address(options.host, options.port)
    database = setting("LAUREL_DATABASE_URL", variables)
    grown = database.startswith("postgres") or setting("LAUREL_REDIS_URL", variables)
    return variables, [BASE, SCALE] if grown else [BASE]


def make_folder(folder):
    """Make the data folder, for its owner's eyes only, or say that it cannot be written."""
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
    except OSError as error:
        raise CannotStart(
            "%s cannot be made: %s. Choose another folder: --data DIR" % (folder, error.strerror)
        ) from error
    if not os.access(folder, os.W_OK):
        raise CannotStart("%s cannot be written to. Choose another folder: --data DIR" % folder)


def here(host):
    """The host by which this machine reaches an address that it listens on."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)


def address(host, port):
    """The address to open in a browser on this machine."""
    return "http://%s:%d" % ("[%s]" % here(host) if ":" in host else here(host), port)


def check_port(host, port):
    """Refuse at once when the address cannot be listened on, rather than after the demo season was built."""
    try:
        family, kind, proto, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, proto) as probe:
            if not WINDOWS:
                # A port that was closed a moment ago may be taken again, as the web process will.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        raise CannotStart(cannot_listen(host, port, error)) from error


def cannot_listen(host, port, error):
    """What to do about an address that cannot be listened on."""
    if error.errno == errno.EADDRINUSE:
        return (
            "Port %d is taken: another program, perhaps another Laurel, listens there.\n"
            "Stop that one, or choose another port: python3 run.py --port %d" % (port, port + 1)
        )
    if error.errno == errno.EACCES:
        return "Port %d needs an administrator's rights. Choose one above 1023: python3 run.py --port 8000" % port
    return "Cannot listen on %s port %d: %s. Choose another --host." % (host, port, error.strerror or error)


# --- processes


def prepare(variables, demo):
    """Migrate, make secrets, seed an empty database; returns the demo sign-ins and the address of an open setup."""
    command = [str(PYTHON), "-m", "flask", "--app", "wsgi", "prepare", *(["--demo"] if demo else [])]
    process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    last = ""
    for line in process.stdout:
        if last:
            say(last)
        last = line.rstrip("\n")
    if process.wait():
        raise CannotStart("The data in %s could not be prepared; the lines above say why." % variables["LAUREL_DATA"])
    return json.loads(last)


def web_command(host, port):
    """The web process: one worker of 32 threads, so that streams and caches live in one place."""
    if WINDOWS:
        return [str(PYTHON), "-m", "waitress", "--listen=%s:%d" % (host, port), "--threads=32", "wsgi:app"]
    bind = "%s:%d" % ("[%s]" % host if ":" in host else host, port)
    options = ["-k", "gthread", "-w", "1", "--threads", "32", "--no-control-socket", "--graceful-timeout", "5"]
    return [str(PYTHON), "-m", "gunicorn", *options, "--log-level", "warning", "-b", bind, "wsgi:app"]


def start(command, variables):
    """Start a process in a session of its own, so that one Ctrl-C reaches only this program, which then stops both."""
    return subprocess.Popen(command, cwd=ROOT, env=variables, start_new_session=not WINDOWS)


def stop(processes):
    """End what still runs, gently, then not; returns whether all went gently."""
    gently = True
    for process in processes.values():
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + SECONDS_TO_STOP
    for process in processes.values():
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            gently = False
            process.kill() if WINDOWS else os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return gently


def ended(processes):
    """The name of a process that ended by itself, or None."""
    return next((name for name, process in processes.items() if process.poll() is not None), None)


def answers(host, port):
    """Whether the web process answers a request; listening alone does not mean that it has loaded."""
    connection = http.client.HTTPConnection(here(host), port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def await_web(processes, options):
    """Wait until the web process answers, one ends, or patience does."""
    deadline = time.monotonic() + SECONDS_TO_START
    while not ended(processes) and not answers(options.host, options.port):
        if time.monotonic() > deadline:
            raise CannotStart("The web process did not answer within %d seconds." % SECONDS_TO_START)
        time.sleep(0.1)


def serve(options):
    """Run web and worker until Ctrl-C, or until one of them ends; returns the exit code."""
    variables, requirements = environment(options)
    check_port(options.host, options.port)
    make_folder(variables["LAUREL_DATA"])
    install(requirements, options.wheels)
    prepared = prepare(variables, options.demo)
    processes, code = {}, 0
    try:
        processes["web"] = start(web_command(options.host, options.port), variables)
        processes["worker"] = start([str(PYTHON), "-m", "flask", "--app", "wsgi", "worker"], variables)
        await_web(processes, options)
        if not ended(processes):
            greet(address(options.host, options.port), variables["LAUREL_DATA"], prepared)
        while not ended(processes):
            time.sleep(0.2)
        name, code = ended(processes), 1
        say("The %s process ended by itself (exit code %d); the other is stopped." % (name, processes[name].returncode))
    except KeyboardInterrupt:
        say("\nStopping …")
    finally:
        for number in stop_signals():
            signal.signal(number, signal.SIG_IGN)
        if not stop(processes):
            say("A process did not stop within %d seconds and was ended by force." % SECONDS_TO_STOP)
            code = 1
    return code


# --- the card


def say(text):
    """Tell the person at the keyboard, at once, whatever their terminal can show."""
    encoding = sys.stdout.encoding or "ascii"
    print(text.encode(encoding, "replace").decode(encoding), flush=True)


def last_lines(text, count=12):
    """The end of a program's output, where it says what went wrong."""
    return "\n".join("  " + line for line in text.strip().splitlines()[-count:])


def greet(where, data, prepared):
    """Say where Laurel answers, what is left to do, who may sign in, and how to stop it."""
    say("\nLaurel is at %s   (data in %s; Ctrl-C stops it)" % (where, data))
    if prepared.get("setup"):
        say("\nFinish the setup at %s   (once, within 24 hours)" % prepared["setup"])
    sign_ins = prepared["sign_ins"]
    if sign_ins:
        say("\nDemo sign-ins:")
    rows = [[str(value) for value in entry.values()] for entry in sign_ins]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        say("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def stop_signals():
    """The signals that stop Laurel; a hang-up only where nobody (nohup) asked for it to be ignored."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if not WINDOWS and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    return numbers


def port_number(text):
    """A port as typed; argparse shows the message."""
    if text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise argparse.ArgumentTypeError("%r is no port: choose one from 1024 to 65535" % text)


def read_options(arguments):
    """The command line of `python3 run.py`."""
    parser = argparse.ArgumentParser(
        prog="run.py",
        description="Start Laurel: packages, database, demo season, then the web and worker processes.",
        epilog="`python3 run.py test [pytest arguments]` installs what the tests need and runs all of them.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=port_number, default=8000, help="port to listen on (default: 8000)")
    parser.add_argument("--data", metavar="DIR", help="folder for all data (default: LAUREL_DATA, or instance/)")
    parser.add_argument(
        "--no-demo", dest="demo", action="store_false", help="set up your own programme instead of the demo"
    )
    parser.add_argument("--database-url", metavar="URL", help="PostgreSQL instead of SQLite in the data folder")
    parser.add_argument("--redis-url", metavar="URL", help="Redis for the queue, live hints, cache and limits")
    parser.add_argument("--wheels", metavar="DIR", type=os.path.abspath, help="install packages from this folder")
    return parser.parse_args(arguments)


def test(arguments):
    """Install what the tests need, then run all of them; returns the worst exit code."""
    parser = argparse.ArgumentParser(prog="run.py test", add_help=False)
    parser.add_argument("--wheels", type=os.path.abspath)
    options, for_pytest = parser.parse_known_args(arguments)
    install([BASE, SCALE, DEV], options.wheels)
    return subprocess.call([str(PYTHON), "-m", "tests", *for_pytest], cwd=ROOT)


def main(arguments):
    """Run what the command line asks for; returns the exit code."""
    for number in stop_signals():
        signal.signal(number, signal.default_int_handler)
    try:
        return test(arguments[1:]) if arguments[:1] == ["test"] else serve(read_options(arguments))
    except CannotStart as problem:
        say(str(problem))
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
