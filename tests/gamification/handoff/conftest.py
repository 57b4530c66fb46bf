"""Fixtures of the tests of signing in by the broker."""

from tests.support.handoff import site

__all__ = ["site"]
