"""Fixtures of the tests of the pages."""

from tests.support.handoff import site

__all__ = ["site"]
