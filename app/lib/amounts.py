"""Exact numbers: points are integers, everything before the one rounding is a Decimal, nothing is a float."""

from decimal import ROUND_HALF_EVEN, Decimal

MAX_POINTS = 2**53  # far above any balance, and still exact in JSON and JavaScript


def round_half_even(amount: Decimal) -> int:
    """The nearest integer, ties to the even one: 32.5 becomes 32, 33.5 becomes 34."""
    return int(amount.to_integral_value(ROUND_HALF_EVEN))


def plain(amount: Decimal) -> str:
    """The shortest plain writing of a decimal: no exponent, no trailing zeros, no minus zero."""
    text = format(amount, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
