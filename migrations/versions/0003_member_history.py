"""Members bring their own history: imports, requests for accounts, the broker's sign-in, questions, leaving."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


DEALS = sa.text("deal IS NOT NULL AND amends IS NULL")


def upgrade():
    # What a member uploaded is held against that member's own uploads alone.
    op.drop_index("uq_activity_deal", table_name="activity", postgresql_where=DEALS, sqlite_where=DEALS)
    op.create_index(
        "uq_activity_deal",
        "activity",
        ["trading_account_id", "deal", "verified", sa.text("coalesce(member_id, 0)")],
        unique=True,
        postgresql_where=DEALS,
        sqlite_where=DEALS,
    )
    op.create_table(
        "handoff_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoff_key")),
        sa.UniqueConstraint("key", name=op.f("uq_handoff_key_key")),
    )
    op.create_table(
        "used_handoff",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_used_handoff")),
    )
    op.create_index("ix_used_handoff_until", "used_handoff", ["until"], unique=False)
    op.create_table(
        "question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("transfer_seq", sa.Integer(), nullable=True),
        sa.Column("decision_seq", sa.Integer(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("replies", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'answered', 'closed')", name=op.f("ck_question_state")),
        sa.CheckConstraint("transfer_seq IS NULL OR decision_seq IS NULL", name=op.f("ck_question_about_one")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_question_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
    )
    op.create_index("ix_question_member_id", "question", ["member_id", "id"], unique=False)
    op.create_index("ix_question_state", "question", ["state", "since", "id"], unique=False)
    op.create_index(
        "uq_question_decision",
        "question",
        ["member_id", "decision_seq"],
        unique=True,
        postgresql_where=sa.text("decision_seq IS NOT NULL AND state <> 'closed'"),
        sqlite_where=sa.text("decision_seq IS NOT NULL AND state <> 'closed'"),
    )
    op.create_index(
        "uq_question_transfer",
        "question",
        ["member_id", "transfer_seq"],
        unique=True,
        postgresql_where=sa.text("transfer_seq IS NOT NULL AND state <> 'closed'"),
        sqlite_where=sa.text("transfer_seq IS NOT NULL AND state <> 'closed'"),
    )
    op.create_table(
        "account_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("trading_account_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("via", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name=op.f("ck_account_request_decided")),
        sa.CheckConstraint(
            "state IN ('open', 'confirmed', 'declined', 'withdrawn')", name=op.f("ck_account_request_state")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_account_request_decided_by")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_account_request_member_id")),
        sa.ForeignKeyConstraint(
            ["trading_account_id"], ["trading_account.id"], name=op.f("fk_account_request_trading_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_request")),
    )
    op.create_index("ix_account_request_member_id", "account_request", ["member_id", "id"], unique=False)
    op.create_index(
        "ix_account_request_open",
        "account_request",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_account_request_trading_account_id", "account_request", ["trading_account_id"], unique=False)
    op.create_index(
        "uq_account_request_open",
        "account_request",
        ["member_id", "trading_account_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "question_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_question_entry_question_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_question_entry_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_entry")),
    )
    op.create_index("ix_question_entry_question_id", "question_entry", ["question_id", "id"], unique=False)
    op.create_index("uq_question_entry_token", "question_entry", ["token"], unique=True)
    op.create_table(
        "statement_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("trading_account_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("reached", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("trust", sa.Text(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("proposal_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(recorded_at IS NULL) = (state IN ('reading', 'read', 'unreadable'))",
            name=op.f("ck_statement_import_recorded"),
        ),
        sa.CheckConstraint(
            "state IN ('reading', 'read', 'unreadable', 'storing', 'stored', 'approving', 'approved', 'taking_back', 'taken_back')",
            name=op.f("ck_statement_import_state"),
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_statement_import_decided_by")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_statement_import_member_id")),
        sa.ForeignKeyConstraint(
            ["trading_account_id"], ["trading_account.id"], name=op.f("fk_statement_import_trading_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_import")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "statement_file",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["statement_import.id"],
            name=op.f("fk_statement_file_import_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_statement_file")),
    )
    op.create_index(
        "ix_statement_import_decided_by",
        "statement_import",
        ["decided_by", "decided_at"],
        unique=False,
        postgresql_where=sa.text("decided_by IS NOT NULL"),
        sqlite_where=sa.text("decided_by IS NOT NULL"),
    )
    op.create_index(
        "ix_statement_import_made_at",
        "statement_import",
        ["made_at"],
        unique=False,
        postgresql_where=sa.text("recorded_at IS NULL"),
        sqlite_where=sa.text("recorded_at IS NULL"),
    )
    op.create_index("ix_statement_import_member_id", "statement_import", ["member_id", "id"], unique=False)
    op.create_index(
        "ix_statement_import_stored",
        "statement_import",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'stored'"),
        sqlite_where=sa.text("state = 'stored'"),
    )
    op.create_index("ix_statement_import_trading_account_id", "statement_import", ["trading_account_id"], unique=False)
    op.create_index(
        "ix_statement_import_work",
        "statement_import",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state IN ('reading', 'storing', 'approving', 'taking_back')"),
        sqlite_where=sa.text("state IN ('reading', 'storing', 'approving', 'taking_back')"),
    )
    op.create_index(
        "uq_statement_import_recorded_at",
        "statement_import",
        ["member_id", "recorded_at"],
        unique=True,
        postgresql_where=sa.text("recorded_at IS NOT NULL"),
        sqlite_where=sa.text("recorded_at IS NOT NULL"),
    )
    op.add_column("member", sa.Column("leaving_at", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_member_leaving_at",
        "member",
        ["leaving_at"],
        unique=False,
        postgresql_where=sa.text("leaving_at IS NOT NULL"),
        sqlite_where=sa.text("leaving_at IS NOT NULL"),
    )
    op.add_column("sign_in", sa.Column("device", sa.LargeBinary(), nullable=True))


def downgrade():
    op.drop_column("sign_in", "device")
    op.drop_index(
        "ix_member_leaving_at",
        table_name="member",
        postgresql_where=sa.text("leaving_at IS NOT NULL"),
        sqlite_where=sa.text("leaving_at IS NOT NULL"),
    )
    op.drop_column("member", "leaving_at")
    op.drop_index(
        "uq_statement_import_recorded_at",
        table_name="statement_import",
        postgresql_where=sa.text("recorded_at IS NOT NULL"),
        sqlite_where=sa.text("recorded_at IS NOT NULL"),
    )
    op.drop_index(
        "ix_statement_import_work",
        table_name="statement_import",
        postgresql_where=sa.text("state IN ('reading', 'storing', 'approving', 'taking_back')"),
        sqlite_where=sa.text("state IN ('reading', 'storing', 'approving', 'taking_back')"),
    )
    op.drop_index("ix_statement_import_trading_account_id", table_name="statement_import")
    op.drop_index(
        "ix_statement_import_stored",
        table_name="statement_import",
        postgresql_where=sa.text("state = 'stored'"),
        sqlite_where=sa.text("state = 'stored'"),
    )
    op.drop_index("ix_statement_import_member_id", table_name="statement_import")
    op.drop_index(
        "ix_statement_import_made_at",
        table_name="statement_import",
        postgresql_where=sa.text("recorded_at IS NULL"),
        sqlite_where=sa.text("recorded_at IS NULL"),
    )
    op.drop_index(
        "ix_statement_import_decided_by",
        table_name="statement_import",
        postgresql_where=sa.text("decided_by IS NOT NULL"),
        sqlite_where=sa.text("decided_by IS NOT NULL"),
    )
    op.drop_table("statement_file")
    op.drop_table("statement_import")
    op.drop_index("uq_question_entry_token", table_name="question_entry")
    op.drop_index("ix_question_entry_question_id", table_name="question_entry")
    op.drop_table("question_entry")
    op.drop_index(
        "uq_account_request_open",
        table_name="account_request",
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.drop_index("ix_account_request_trading_account_id", table_name="account_request")
    op.drop_index(
        "ix_account_request_open",
        table_name="account_request",
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.drop_index("ix_account_request_member_id", table_name="account_request")
    op.drop_table("account_request")
    op.drop_index(
        "uq_question_transfer",
        table_name="question",
        postgresql_where=sa.text("transfer_seq IS NOT NULL AND state <> 'closed'"),
        sqlite_where=sa.text("transfer_seq IS NOT NULL AND state <> 'closed'"),
    )
    op.drop_index(
        "uq_question_decision",
        table_name="question",
        postgresql_where=sa.text("decision_seq IS NOT NULL AND state <> 'closed'"),
        sqlite_where=sa.text("decision_seq IS NOT NULL AND state <> 'closed'"),
    )
    op.drop_index("ix_question_state", table_name="question")
    op.drop_index("ix_question_member_id", table_name="question")
    op.drop_table("question")
    op.drop_index("ix_used_handoff_until", table_name="used_handoff")
    op.drop_table("used_handoff")
    op.drop_table("handoff_key")
    op.drop_index("uq_activity_deal", table_name="activity", postgresql_where=DEALS, sqlite_where=DEALS)
    op.create_index(
        "uq_activity_deal",
        "activity",
        ["trading_account_id", "deal", "verified"],
        unique=True,
        postgresql_where=DEALS,
        sqlite_where=DEALS,
    )
