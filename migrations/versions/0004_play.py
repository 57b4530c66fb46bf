"""Play: challenges, badges, lessons, habits, the journal, what members want to be told."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


REVISIONS = ("challenge_revision", "badge_revision", "lesson_revision")
TAKEN_BACK = """
    INSERT INTO taken_back (activity_id, member_id, by_id, place, placed_at)
    SELECT a.id, d.member_id, 0, d.seq, a.recorded_at FROM activity a JOIN decision d ON d.activity_id = a.id
    WHERE a.verified AND (
        EXISTS (
            SELECT 1 FROM activity x JOIN decision y ON y.activity_id = x.id
            WHERE x.source_id = a.source_id AND x.amends = a.external_id
        )
        OR EXISTS (
            SELECT 1 FROM activity x JOIN decision y ON y.activity_id = x.id AND y.member_id = d.member_id
            WHERE a.amends IS NOT NULL AND x.source_id = a.source_id AND x.amends = a.amends AND y.seq > d.seq
        )
    )
"""


def upgrade():
    op.create_table(
        "badge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.Column("counting", sa.Integer(), nullable=False),
        sa.Column("recounted_to", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badge")),
        sa.UniqueConstraint("key", name=op.f("uq_badge_key")),
    )
    op.create_table(
        "challenge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge")),
        sa.UniqueConstraint("key", name=op.f("uq_challenge_key")),
    )
    op.create_table(
        "lesson",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson")),
        sa.UniqueConstraint("key", name=op.f("uq_lesson_key")),
    )
    op.create_table(
        "badge_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("badge_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["badge_id"], ["badge.id"], name=op.f("fk_badge_revision_badge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badge_revision")),
    )
    op.create_index("uq_badge_revision_number", "badge_revision", ["badge_id", "number"], unique=True)
    op.create_table(
        "challenge_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("challenge_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["challenge_id"], ["challenge.id"], name=op.f("fk_challenge_revision_challenge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge_revision")),
    )
    op.create_index("uq_challenge_revision_number", "challenge_revision", ["challenge_id", "number"], unique=True)
    op.create_table(
        "challenge_run",
        sa.Column("challenge_id", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_challenge_run_taken")),
        sa.ForeignKeyConstraint(["challenge_id"], ["challenge.id"], name=op.f("fk_challenge_run_challenge_id")),
        sa.PrimaryKeyConstraint("challenge_id", "run", name=op.f("pk_challenge_run")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lesson_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lesson_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"], name=op.f("fk_lesson_revision_lesson_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_revision")),
    )
    op.create_index("uq_lesson_revision_number", "lesson_revision", ["lesson_id", "number"], unique=True)
    op.create_table(
        "badge_award",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("badge_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("awarded_at", sa.BigInteger(), nullable=False),
        sa.Column("fell_at", sa.BigInteger(), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("points_seq", sa.Integer(), nullable=True),
        sa.CheckConstraint("level BETWEEN 1 AND 3", name=op.f("ck_badge_award_level")),
        sa.ForeignKeyConstraint(["badge_id"], ["badge.id"], name=op.f("fk_badge_award_badge_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_badge_award_member_id")),
        sa.ForeignKeyConstraint(["revision_id"], ["badge_revision.id"], name=op.f("fk_badge_award_revision_id")),
        sa.PrimaryKeyConstraint("member_id", "badge_id", "level", name=op.f("pk_badge_award")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_badge_award_held",
        "badge_award",
        ["badge_id", "level"],
        unique=False,
        postgresql_where=sa.text("fell_at IS NULL"),
        sqlite_where=sa.text("fell_at IS NULL"),
    )
    op.create_table(
        "badge_count",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_badge_count_member_id")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_badge_count")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "badge_key",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("badge_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["badge_id"], ["badge.id"], name=op.f("fk_badge_key_badge_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_badge_key_member_id")),
        sa.PrimaryKeyConstraint("member_id", "badge_id", "key", name=op.f("pk_badge_key")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "challenge_entry",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("challenge_id", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("since_seq", sa.Integer(), nullable=False),
        sa.Column("progress", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("completed_at", sa.BigInteger(), nullable=True),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("awards", sa.SmallInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("points_seq", sa.Integer(), nullable=True),
        sa.Column("qualifying_seq", sa.Integer(), nullable=True),
        sa.Column("kept_until", sa.Integer(), nullable=True),
        sa.CheckConstraint("state BETWEEN 1 AND 6", name=op.f("ck_challenge_entry_state")),
        sa.ForeignKeyConstraint(["challenge_id"], ["challenge.id"], name=op.f("fk_challenge_entry_challenge_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_challenge_entry_member_id")),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["challenge_revision.id"], name=op.f("fk_challenge_entry_revision_id")
        ),
        sa.PrimaryKeyConstraint("member_id", "challenge_id", "run", name=op.f("pk_challenge_entry")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_challenge_entry_challenge_id", "challenge_entry", ["challenge_id", "run", "state"], unique=False
    )
    op.create_index(
        "ix_challenge_entry_due_at",
        "challenge_entry",
        ["due_at", "member_id"],
        unique=False,
        postgresql_where=sa.text("due_at IS NOT NULL"),
        sqlite_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_challenge_entry_joined",
        "challenge_entry",
        ["member_id"],
        unique=False,
        postgresql_where=sa.text("state = 1"),
        sqlite_where=sa.text("state = 1"),
    )
    op.create_table(
        "habit_day",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_habit_day_member_id")),
        sa.PrimaryKeyConstraint("member_id", "activity_id", name=op.f("pk_habit_day")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_habit_day_day", "habit_day", ["member_id", "day"], unique=False)
    op.create_index("ix_habit_day_recent", "habit_day", ["day", "member_id"], unique=False)
    op.create_table(
        "journal_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("mood", sa.Integer(), nullable=False),
        sa.Column("lesson", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("mood BETWEEN 0 AND 5", name=op.f("ck_journal_entry_mood")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_journal_entry_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_entry")),
    )
    op.create_index("ix_journal_entry_member_id", "journal_entry", ["member_id", "day", "id"], unique=False)
    op.create_index(
        "uq_journal_entry_activity",
        "journal_entry",
        ["member_id", "activity_id"],
        unique=True,
        postgresql_where=sa.text("activity_id IS NOT NULL"),
        sqlite_where=sa.text("activity_id IS NOT NULL"),
    )
    op.create_index("uq_journal_entry_token", "journal_entry", ["token"], unique=True)
    op.create_table(
        "lesson_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("lesson_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("correct", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"], name=op.f("fk_lesson_attempt_lesson_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_lesson_attempt_member_id")),
        sa.ForeignKeyConstraint(["revision_id"], ["lesson_revision.id"], name=op.f("fk_lesson_attempt_revision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_attempt")),
    )
    op.create_index("ix_lesson_attempt_member_id", "lesson_attempt", ["member_id", "lesson_id", "id"], unique=False)
    op.create_table(
        "message_choice",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_message_choice_member_id")),
        sa.PrimaryKeyConstraint("member_id", "topic", "channel", name=op.f("pk_message_choice")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rest_day",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("planned_at", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_rest_day_member_id")),
        sa.PrimaryKeyConstraint("member_id", "day", name=op.f("pk_rest_day")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_rest_day_open",
        "rest_day",
        ["ends_at"],
        unique=False,
        postgresql_where=sa.text("kept IS NULL"),
        sqlite_where=sa.text("kept IS NULL"),
    )
    op.create_table(
        "risk_limit",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_risk_limit_member_id")),
        sa.PrimaryKeyConstraint("member_id", "since", name=op.f("pk_risk_limit")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "taken_back",
        sa.Column("activity_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_taken_back_member_id")),
        sa.PrimaryKeyConstraint("activity_id", name=op.f("pk_taken_back")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_taken_back_by_id", "taken_back", ["by_id"], unique=False)
    op.create_table(
        "trading_plan",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_trading_plan_member_id")),
        sa.PrimaryKeyConstraint("member_id", "since", name=op.f("pk_trading_plan")),
        sqlite_with_rowid=False,
    )
    op.add_column("member", sa.Column("quiet_until", sa.BigInteger(), nullable=True))
    op.add_column("member", sa.Column("digest", sa.Text(), server_default="weekly", nullable=False))
    op.add_column("member", sa.Column("digest_at", sa.BigInteger(), nullable=True))
    op.add_column("member", sa.Column("digest_to", sa.Integer(), nullable=True))
    op.add_column("outbox", sa.Column("headers", sa.JSON(), nullable=True))
    op.add_column("wallet", sa.Column("kept_until", sa.Integer(), nullable=True))
    for table in REVISIONS:
        refuse(table, "update", "UPDATE", "a published revision is never changed")
        refuse(table, "delete", "DELETE", "a published revision is never deleted")
    # What was corrected or cancelled before this: of a chain only the latest report counts.
    op.execute(TAKEN_BACK)


def refuse(table, name, event, reason):
    """Refuse an event on a table as an integrity error."""
    if on_postgresql():
        does = f"EXECUTE FUNCTION refuse_change('{reason}')"
    else:
        does = f"BEGIN SELECT RAISE(ABORT, '{table}: {reason}'); END"
    op.execute(f"CREATE TRIGGER {table}_refuses_{name} BEFORE {event} ON {table} FOR EACH ROW {does}")


def on_postgresql():
    return op.get_context().dialect.name == "postgresql"


def downgrade():
    op.drop_column("wallet", "kept_until")
    op.drop_column("outbox", "headers")
    op.drop_column("member", "digest_to")
    op.drop_column("member", "digest_at")
    op.drop_column("member", "digest")
    op.drop_column("member", "quiet_until")
    op.drop_table("trading_plan")
    op.drop_table("taken_back")
    op.drop_table("risk_limit")
    op.drop_index(
        "ix_rest_day_open",
        table_name="rest_day",
        postgresql_where=sa.text("kept IS NULL"),
        sqlite_where=sa.text("kept IS NULL"),
    )
    op.drop_table("rest_day")
    op.drop_table("message_choice")
    op.drop_index("ix_lesson_attempt_member_id", table_name="lesson_attempt")
    op.drop_table("lesson_attempt")
    op.drop_index("uq_journal_entry_token", table_name="journal_entry")
    op.drop_index(
        "uq_journal_entry_activity",
        table_name="journal_entry",
        postgresql_where=sa.text("activity_id IS NOT NULL"),
        sqlite_where=sa.text("activity_id IS NOT NULL"),
    )
    op.drop_index("ix_journal_entry_member_id", table_name="journal_entry")
    op.drop_table("journal_entry")
    op.drop_index("ix_habit_day_recent", table_name="habit_day")
    op.drop_index("ix_habit_day_day", table_name="habit_day")
    op.drop_table("habit_day")
    op.drop_index(
        "ix_challenge_entry_joined",
        table_name="challenge_entry",
        postgresql_where=sa.text("state = 1"),
        sqlite_where=sa.text("state = 1"),
    )
    op.drop_index(
        "ix_challenge_entry_due_at",
        table_name="challenge_entry",
        postgresql_where=sa.text("due_at IS NOT NULL"),
        sqlite_where=sa.text("due_at IS NOT NULL"),
    )
    op.drop_index("ix_challenge_entry_challenge_id", table_name="challenge_entry")
    op.drop_table("challenge_entry")
    op.drop_table("badge_key")
    op.drop_table("badge_count")
    op.drop_index(
        "ix_badge_award_held",
        table_name="badge_award",
        postgresql_where=sa.text("fell_at IS NULL"),
        sqlite_where=sa.text("fell_at IS NULL"),
    )
    op.drop_table("badge_award")
    op.drop_index("uq_lesson_revision_number", table_name="lesson_revision")
    op.drop_table("lesson_revision")
    op.drop_table("challenge_run")
    op.drop_index("uq_challenge_revision_number", table_name="challenge_revision")
    op.drop_table("challenge_revision")
    op.drop_index("uq_badge_revision_number", table_name="badge_revision")
    op.drop_table("badge_revision")
    op.drop_table("lesson")
    op.drop_table("challenge")
    op.drop_table("badge")
