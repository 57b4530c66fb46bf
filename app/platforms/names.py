"""What trading platforms call themselves, in every language alike."""

PLATFORMS = {"mt5": "MetaTrader 5", "mt4": "MetaTrader 4", "ctrader": "cTrader"}


def platform_name(platform: str) -> str:
    """A platform by its name; one that is none of ours by its own key."""
    return PLATFORMS.get(platform, platform)
