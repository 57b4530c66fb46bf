"""The garbage collector, told what kind of program this is."""

import gc

ALLOCATIONS = 100_000


def calm_collector() -> None:
    """Let the cycle collector look seldom, and never at what start-up has made.

    Rounds and pages make thousands of small objects that die by reference count. With the default threshold the
    collector walks them again and again, a third of the CPU of a round, to find nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS, 20, 20)
