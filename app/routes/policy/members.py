"""What a signed-in member may use, about themselves."""

from app.routes.policy.audiences import MEMBER, Access

LINES: dict[str, Access] = {
    **dict.fromkeys(
        (
            "GET activity.show",
            "GET activity.rows",
            "GET home.show",
            "GET points.show",
            "GET points.line",
            "GET points.lines",
            "GET points.miss",
            "GET points.chart",
            "GET points.table",
            "GET profile.show",
            "POST profile.update",
            "POST profile.change",
            "GET questions.show",
            "GET questions.new",
            "GET questions.thread",
            "POST questions.create",
            "POST questions.write",
            "GET tiers.show",
            "POST messages.read",
            "POST visits.create",
        ),
        MEMBER,
    ),
}
