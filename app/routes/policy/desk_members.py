"""What staff may use to look after members."""

from app.routes.policy.audiences import CARE, PRIVACY, READ, Access, fresh

LINES: dict[str, Access] = {
    **dict.fromkeys(
        (
            "GET admin_members.index",
            "GET admin_member.show",
            "GET admin_member.lines",
            "GET admin_member.decisions",
            "GET admin_member.rows",
            "GET admin_member.tiers",
            "GET admin_member.accounts",
            "GET admin_member.messages",
            "GET admin_member.log",
            "GET admin_line.line",
            "GET admin_line.miss",
            "GET admin_questions.index",
            "GET admin_questions.show",
        ),
        READ,
    ),
    **dict.fromkeys(
        (
            "POST admin_line.reverse",
            "GET admin_care.show",
            "POST admin_care.adjust",
            "POST admin_care.block",
            "POST admin_care.unblock",
            "POST admin_care.link",
            "GET admin_care.unlinking",
            "POST admin_care.unlink",
            "POST admin_care.sign_out",
            "POST admin_care.mail_reset",
            "POST admin_questions.answer",
            "POST admin_questions.close",
        ),
        CARE,
    ),
    "POST admin_view.start": CARE,
    "POST admin_view.stop": READ,
    "POST admin_members.export": PRIVACY,
    "GET admin_privacy.show": fresh(PRIVACY),
    "POST admin_privacy.export": fresh(PRIVACY),
    "POST admin_privacy.erase": fresh(PRIVACY),
}
