"""Fixtures of the API's tests."""

from tests.support.deliveries import broker

__all__ = ["broker"]
