"""The first tables: members, activities, ledger, rules, tiers, law packs, messages and outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("activity", "allocation", "transfer")
# What a revision says never changes; the day it ends is written once.
IMMUTABLE = {
    "ladder_revision": ("id", "number", "definition", "effective_from", "published_at"),
    "pack_revision": ("id", "pack_id", "number", "definition", "effective_from", "published_at"),
    "rule_revision": ("id", "rule_id", "number", "definition", "effective_from", "published_at"),
}


def upgrade():
    create_tables()
    if on_postgresql():
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION '%: %', TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'restrict_violation'; END $$"
        )
    for table in APPEND_ONLY:
        refuse(table, "update", "UPDATE", "rows are never changed")
        refuse(table, "delete", "DELETE", "rows are never deleted")
    for table, columns in IMMUTABLE.items():
        refuse(table, "update", f"UPDATE OF {', '.join(columns)}", "a published revision is never changed")
        refuse(table, "delete", "DELETE", "a published revision is never deleted")
    refuse(
        "rule_revision",
        "second_end",
        "UPDATE OF effective_to",
        "the end of a revision is set once",
        when="OLD.effective_to IS NOT NULL",
    )
    if on_postgresql():
        # A delivery takes a block of ids at once.
        op.execute(sa.schema.CreateSequence(sa.Sequence("activity_id_seq", increment=1000)))
        # Every activity passes through this small table; the default of a fifth dead would come too late.
        op.execute(
            "ALTER TABLE activity_queue SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, "
            "autovacuum_vacuum_cost_delay = 0, autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000)"
        )


def downgrade():
    if on_postgresql():
        op.execute("DROP SEQUENCE activity_id_seq")
    drop_tables()
    if on_postgresql():
        op.execute("DROP FUNCTION refuse_change()")


def on_postgresql():
    return op.get_context().dialect.name == "postgresql"


def refuse(table, name, event, reason, when=None):
    """Refuse an event on a table as an integrity error; on PostgreSQL a TRUNCATE stays possible."""
    condition = f" WHEN ({when})" if when else ""
    if on_postgresql():
        does = f"EXECUTE FUNCTION refuse_change('{reason}')"
    else:
        does = f"BEGIN SELECT RAISE(ABORT, '{table}: {reason}'); END"
    op.execute(f"CREATE TRIGGER {table}_refuses_{name} BEFORE {event} ON {table} FOR EACH ROW{condition} {does}")


def create_tables():
    op.create_table(
        "campaign_budget",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("used >= 0 AND used <= total", name=op.f("ck_campaign_budget_within")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_budget")),
        sa.UniqueConstraint("key", name=op.f("uq_campaign_budget_key")),
    )
    op.create_table(
        "ladder_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("effective_from", sa.BigInteger(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladder_revision")),
        sa.UniqueConstraint("number", name=op.f("uq_ladder_revision_number")),
    )
    op.create_table(
        "ledger_root",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("wallets", sa.BigInteger(), nullable=False),
        sa.Column("transfers", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("totals", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_ledger_root")),
    )
    op.create_table(
        "legal_entity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("pack_key", sa.Text(), nullable=False),
        sa.Column("loss_percentage", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_entity")),
        sa.UniqueConstraint("key", name=op.f("uq_legal_entity_key")),
    )
    op.create_table(
        "pack",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack")),
        sa.UniqueConstraint("key", name=op.f("uq_pack_key")),
    )
    op.create_table(
        "programme",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("brand_name", sa.Text(), nullable=False),
        sa.Column("programme_name", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("support_email", sa.Text(), nullable=False),
        sa.Column("point_cost", sa.Text(), nullable=False),
        sa.Column("statement_trust", sa.Text(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_programme_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
    )
    op.create_table(
        "rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule")),
        sa.UniqueConstraint("key", name=op.f("uq_rule_key")),
    )
    op.create_table(
        "source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("key", name=op.f("uq_source_key")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("role IN ('viewer', 'manager', 'approver', 'owner')", name=op.f("ck_staff_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
    )
    op.create_table(
        "tier_level",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tier_level")),
        sa.UniqueConstraint("key", name=op.f("uq_tier_level_key")),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("scale", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("key", name=op.f("uq_unit_key")),
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_api_key_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("key", name=op.f("uq_api_key_key")),
    )
    op.create_table(
        "member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("email_verified_at", sa.BigInteger(), nullable=True),
        sa.Column("entity_id", sa.Integer(), nullable=True),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("client_class", sa.SmallInteger(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("up_down", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.Column("last_visit_day", sa.Integer(), nullable=True),
        sa.Column("earning_blocked", sa.Boolean(), nullable=False),
        sa.Column("demo_role", sa.Text(), nullable=True),
        sa.Column("erased_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("client_class BETWEEN 0 AND 3", name=op.f("ck_member_client_class")),
        sa.CheckConstraint("length(country) IN (0, 2)", name=op.f("ck_member_country")),
        sa.ForeignKeyConstraint(["entity_id"], ["legal_entity.id"], name=op.f("fk_member_entity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        sa.UniqueConstraint("demo_role", name=op.f("uq_member_demo_role")),
        sa.UniqueConstraint("email", name=op.f("uq_member_email")),
        sa.UniqueConstraint("external_id", name=op.f("uq_member_external_id")),
    )
    op.create_index("uq_member_alias", "member", [sa.literal_column("lower(alias)")], unique=True)
    op.create_table(
        "pack_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pack_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("effective_from", sa.BigInteger(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["pack_id"], ["pack.id"], name=op.f("fk_pack_revision_pack_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack_revision")),
    )
    op.create_index("uq_pack_revision_number", "pack_revision", ["pack_id", "number"], unique=True)
    op.create_table(
        "quarantine",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_quarantine_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
    )
    op.create_index("uq_quarantine_content", "quarantine", ["source_id", "external_id", "digest"], unique=True)
    op.create_table(
        "rule_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("effective_from", sa.BigInteger(), nullable=False),
        sa.Column("effective_to", sa.BigInteger(), nullable=True),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["rule_id"], ["rule.id"], name=op.f("fk_rule_revision_rule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_revision")),
    )
    op.create_index("uq_rule_revision_number", "rule_revision", ["rule_id", "number"], unique=True)
    op.create_table(
        "activity_queue",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("activity_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_activity_queue_member_id")),
        sa.PrimaryKeyConstraint("member_id", "recorded_at", "activity_id", name=op.f("pk_activity_queue")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "cap_use",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("used >= 0", name=op.f("ck_cap_use_used")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_cap_use_member_id")),
        sa.ForeignKeyConstraint(["rule_id"], ["rule.id"], name=op.f("fk_cap_use_rule_id")),
        sa.PrimaryKeyConstraint("member_id", "day", "rule_id", name=op.f("pk_cap_use")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "decision",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.BigInteger(), nullable=False),
        sa.Column("earned", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.SmallInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_decision_member_id")),
        sa.PrimaryKeyConstraint("member_id", "seq", name=op.f("pk_decision")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_decision_failed",
        "decision",
        ["reason"],
        unique=False,
        postgresql_where=sa.text("reason = 16"),
        sqlite_where=sa.text("reason = 16"),
    )
    op.create_index(
        "ix_decision_missed",
        "decision",
        ["member_id", "reason", "seq"],
        unique=False,
        postgresql_where=sa.text("earned = 0"),
        sqlite_where=sa.text("earned = 0"),
    )
    op.create_index("uq_decision_activity_id", "decision", ["activity_id"], unique=True)
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_message_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index("ix_message_member_id", "message", ["member_id", "id"], unique=False)
    op.create_index(
        "ix_message_unread",
        "message",
        ["member_id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
        sqlite_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_outbox_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_due_at",
        "outbox",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
        sqlite_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "qualifying_day",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("sum", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_qualifying_day_member_id")),
        sa.PrimaryKeyConstraint("member_id", "day", name=op.f("pk_qualifying_day")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sign_in",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("browser", sa.Text(), nullable=True),
        sa.CheckConstraint("(member_id IS NULL) <> (staff_id IS NULL)", name=op.f("ck_sign_in_one_person")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_sign_in_member_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_sign_in_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
    )
    op.create_index(op.f("ix_sign_in_member_id"), "sign_in", ["member_id"], unique=False)
    op.create_index(op.f("ix_sign_in_staff_id"), "sign_in", ["staff_id"], unique=False)
    op.create_table(
        "tier_history",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.BigInteger(), nullable=False),
        sa.Column("level_id", sa.SmallInteger(), nullable=False),
        sa.Column("activity_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_tier_history_member_id")),
        sa.PrimaryKeyConstraint("member_id", "number", name=op.f("pk_tier_history")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "trading_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("linked_at", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_trading_account_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trading_account")),
    )
    op.create_index("ix_trading_account_member_id", "trading_account", ["member_id"], unique=False)
    op.create_index("uq_trading_account_login", "trading_account", ["platform", "server", "login"], unique=True)
    op.create_table(
        "wallet",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("pending", sa.BigInteger(), nullable=False),
        sa.Column("debt", sa.BigInteger(), nullable=False),
        sa.Column("lifetime", sa.BigInteger(), nullable=False),
        sa.Column("qualifying", sa.BigInteger(), nullable=False),
        sa.Column("window_from", sa.Integer(), nullable=False),
        sa.Column("level_id", sa.SmallInteger(), nullable=False),
        sa.Column("level_since", sa.BigInteger(), nullable=False),
        sa.Column("grace_until", sa.Integer(), nullable=True),
        sa.Column("next_expiry_at", sa.BigInteger(), nullable=True),
        sa.Column("next_expiry_amount", sa.BigInteger(), nullable=False),
        sa.Column("last_accrual_at", sa.BigInteger(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("decisions", sa.Integer(), nullable=False),
        sa.CheckConstraint("available = 0 OR debt = 0", name=op.f("ck_wallet_debt_first")),
        sa.CheckConstraint("available >= 0 AND pending >= 0 AND debt >= 0", name=op.f("ck_wallet_balances")),
        sa.ForeignKeyConstraint(["id"], ["member.id"], name=op.f("fk_wallet_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wallet")),
        postgresql_with={"fillfactor": 85},
    )
    op.create_index(
        "ix_wallet_next_expiry_at",
        "wallet",
        ["next_expiry_at"],
        unique=False,
        postgresql_where=sa.text("next_expiry_at IS NOT NULL"),
        sqlite_where=sa.text("next_expiry_at IS NOT NULL"),
    )
    op.create_table(
        "activity",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("trading_account_id", sa.Integer(), nullable=True),
        sa.Column("deal", sa.Text(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("flags", sa.SmallInteger(), nullable=False),
        sa.Column("amends", sa.Text(), nullable=True),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "member_id IS NOT NULL OR trading_account_id IS NOT NULL", name=op.f("ck_activity_somebody")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_activity_member_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_activity_source_id")),
        sa.ForeignKeyConstraint(
            ["trading_account_id"], ["trading_account.id"], name=op.f("fk_activity_trading_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
    )
    op.create_index(
        "ix_activity_amending_deal",
        "activity",
        ["trading_account_id", "deal"],
        unique=False,
        postgresql_where=sa.text("deal IS NOT NULL AND amends IS NOT NULL"),
        sqlite_where=sa.text("deal IS NOT NULL AND amends IS NOT NULL"),
    )
    op.create_index(
        "ix_activity_amends",
        "activity",
        ["source_id", "amends"],
        unique=False,
        postgresql_where=sa.text("amends IS NOT NULL"),
        sqlite_where=sa.text("amends IS NOT NULL"),
    )
    op.create_index(
        "ix_activity_trading_account_id",
        "activity",
        ["trading_account_id"],
        unique=False,
        postgresql_where=sa.text("trading_account_id IS NOT NULL"),
        sqlite_where=sa.text("trading_account_id IS NOT NULL"),
    )
    op.create_index(
        "uq_activity_deal",
        "activity",
        ["trading_account_id", "deal", "verified"],
        unique=True,
        postgresql_where=sa.text("deal IS NOT NULL AND amends IS NULL"),
        sqlite_where=sa.text("deal IS NOT NULL AND amends IS NULL"),
    )
    op.create_index("uq_activity_source_id_external_id", "activity", ["source_id", "external_id"], unique=True)
    op.create_table(
        "adjustment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wallet_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_adjustment_staff_id")),
        sa.ForeignKeyConstraint(["wallet_id"], ["wallet.id"], name=op.f("fk_adjustment_wallet_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustment")),
    )
    op.create_index(op.f("ix_adjustment_wallet_id"), "adjustment", ["wallet_id"], unique=False)
    op.create_table(
        "allocation",
        sa.Column("wallet_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_allocation_amount")),
        sa.ForeignKeyConstraint(["wallet_id"], ["wallet.id"], name=op.f("fk_allocation_wallet_id")),
        sa.PrimaryKeyConstraint("wallet_id", "seq", "batch", name=op.f("pk_allocation")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "batch",
        sa.Column("wallet_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("available_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("idle_days", sa.SmallInteger(), nullable=True),
        sa.Column("service_only", sa.Boolean(), nullable=False),
        sa.Column("qualifying", sa.BigInteger(), nullable=False),
        sa.Column("parent", sa.Integer(), nullable=True),
        sa.CheckConstraint("remaining >= 0 AND remaining <= amount", name=op.f("ck_batch_remaining")),
        sa.ForeignKeyConstraint(["wallet_id"], ["wallet.id"], name=op.f("fk_batch_wallet_id")),
        sa.PrimaryKeyConstraint("wallet_id", "seq", name=op.f("pk_batch")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_batch_held",
        "batch",
        ["available_at"],
        unique=False,
        postgresql_where=sa.text("held AND remaining > 0"),
        sqlite_where=sa.text("held AND remaining > 0"),
    )
    op.create_index(
        "ix_batch_idle_days",
        "batch",
        ["idle_days"],
        unique=False,
        postgresql_where=sa.text("remaining > 0 AND idle_days IS NOT NULL"),
        sqlite_where=sa.text("remaining > 0 AND idle_days IS NOT NULL"),
    )
    op.create_table(
        "transfer",
        sa.Column("wallet_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.SmallInteger(), nullable=False),
        sa.Column("code", sa.SmallInteger(), nullable=False),
        sa.Column("debit", sa.SmallInteger(), nullable=False),
        sa.Column("credit", sa.SmallInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.SmallInteger(), nullable=False),
        sa.Column("cause_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_transfer_amount")),
        sa.CheckConstraint("debit <> credit", name=op.f("ck_transfer_two_accounts")),
        sa.ForeignKeyConstraint(["wallet_id"], ["wallet.id"], name=op.f("fk_transfer_wallet_id")),
        sa.PrimaryKeyConstraint("wallet_id", "seq", name=op.f("pk_transfer")),
        sqlite_with_rowid=False,
    )
    op.create_index("uq_transfer_reference", "transfer", ["cause", "cause_id", "part"], unique=True)
    op.create_table(
        "unit_balance",
        sa.Column("wallet_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_unit_balance_amount")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_balance_unit_id")),
        sa.ForeignKeyConstraint(["wallet_id"], ["wallet.id"], name=op.f("fk_unit_balance_wallet_id")),
        sa.PrimaryKeyConstraint("wallet_id", "unit_id", "state", name=op.f("pk_unit_balance")),
        sqlite_with_rowid=False,
    )


def drop_tables():
    op.drop_table("unit_balance")
    op.drop_table("transfer")
    op.drop_table("batch")
    op.drop_table("allocation")
    op.drop_table("adjustment")
    op.drop_table("activity")
    op.drop_table("wallet")
    op.drop_table("trading_account")
    op.drop_table("tier_history")
    op.drop_table("sign_in")
    op.drop_table("qualifying_day")
    op.drop_table("outbox")
    op.drop_table("message")
    op.drop_table("decision")
    op.drop_table("cap_use")
    op.drop_table("activity_queue")
    op.drop_table("rule_revision")
    op.drop_table("quarantine")
    op.drop_table("pack_revision")
    op.drop_table("member")
    op.drop_table("api_key")
    op.drop_table("unit")
    op.drop_table("tier_level")
    op.drop_table("staff")
    op.drop_table("source")
    op.drop_table("rule")
    op.drop_table("programme")
    op.drop_table("pack")
    op.drop_table("legal_entity")
    op.drop_table("ledger_root")
    op.drop_table("ladder_revision")
    op.drop_table("campaign_budget")
