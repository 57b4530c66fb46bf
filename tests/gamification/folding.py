"""Processes that fold what is queued, a few at a time, until they are killed: `python -m tests.gamification.folding 5`.

Each line of input asks for one more, whose id is answered: a copy of this one, because a start takes seconds.
"""

import os
import signal
import sys
import time

from flask import Flask

from app.factory import create_app
from app.gamification import pipeline


def fold(app: Flask, at_once: int, parent: int) -> None:
    with app.app_context():
        while os.getppid() == parent:
            if not pipeline.run(at_once):
                time.sleep(0.005)


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    made, me = create_app(), os.getpid()
    for _ in sys.stdin:
        if not (child := os.fork()):
            fold(made, int(sys.argv[1]), me)
            os._exit(0)
        print(child, flush=True)
