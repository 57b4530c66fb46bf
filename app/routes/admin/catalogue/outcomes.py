"""What a verdict comes to for whoever takes part, and how it looks."""

from app.gamification.policy.packs import Verdict
from app.lib.i18n import _l

OUTCOMES = {
    Verdict.ALLOW: (_l("Everything"), _l("Allowed"), "check", "brand"),
    Verdict.SERVICE_ONLY: (
        _l("Points for services only"),
        _l("Good for recognition and service"),
        "handshake",
        "brand",
    ),
    Verdict.RECOGNITION: (_l("Badge and progress"), _l("Recognition only, no points"), "medal", "violet"),
    Verdict.FORBID: (_l("Not available"), _l("Forbidden"), "ban", "warn"),
}
