"""Fixtures of the tests of members."""

from tests.support.handoff import site

__all__ = ["site"]
