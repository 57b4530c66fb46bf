"""Erasing a person: nothing says who they were any more, and the ledger proves what it proved before."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import JSON, LargeBinary, Text, insert, select, text, update

from app.gamification import pipeline
from app.gamification.audit import reads as audit
from app.gamification.errors.members import MemberNotFound
from app.gamification.errors.staff import NotEntitled
from app.gamification.ledger import verify
from app.gamification.ledger.adjusting import adjust
from app.gamification.members import care, erasure, profile
from app.gamification.members.enrolment import enrol, link, unlink
from app.gamification.statements import sending, work
from app.lib import clock
from app.models.base import Base, connection, is_sqlite, read_all, read_one, reader, transaction
from app.models.desk import Proposal
from app.models.history import AccountRequest, StatementFile, StatementImport
from app.models.people import SignIn, TradingAccount
from app.models.questions import Question, QuestionEntry
from app.tasks import outbox
from tests.support import bringing
from tests.support.cast import Person, mails, sign_in, stored
from tests.support.habits import something_of_everything
from tests.support.play import Said, balances, decided, report, trade, trader
from tests.support.programmes import end_all_rules, publish
from tests.support.proposals import approve, reject, state_of
from tests.support.together import together

NOW = clock.now()
STATES = ("reading", "read", "unreadable", "storing", "stored", "approving", "approved", "taking_back", "taken_back")
ALICES = ("mt5", "Meridian-Live", "5012345")
CLAIMED, GONE = ("mt5", "Meridian-Live", "7301145"), ("mt4", "Meridian-Old", "6604418")
# fmt: off
SECRETS = (
    "Alice", "Amari", "alice@example.com", "5012345", "M-1001", "Desert Fox", "10.9.8.7", "Netscape 4", "7301145",
    "6604418", "sekret.htm", "<table>", "my wife", "SHA of the file", "mark of a browser", "my hands shook",
)
# fmt: on


@pytest.fixture
def known(app: Flask, alice: Person, mia: Person, omar: Person) -> Person:
    """Alice with something in every place that may say who she is."""
    sign_in(app.test_client(), alice)
    with transaction() as conn:
        profile.save(alice.id, alias="Desert Fox", language="en", theme="auto", up_down="auto", time_zone="Asia/Dubai")
        conn.execute(text("UPDATE sign_in SET address = '10.9.8.7', browser = 'Netscape 4'"))
        outbox.post(alice.email, "Hello Alice", "Dear Alice Amari", html="<p>Alice", member_id=alice.id, now=NOW)
        outbox.post(alice.email, "A new password", "Nobody joined with alice@example.com", now=NOW)
        adjust(mia.id, alice.id, 40, "Alice Amari wrote to us", "t" * 32, now=NOW)
        adjust(mia.id, alice.id, 4_000, "Alice Amari asked for more", "u" * 32, now=NOW)
        refused = adjust(mia.id, alice.id, 4_001, "Alice Amari asked again", "v" * 32, now=NOW).proposal_id
    reject(omar, refused or 0, "Alice Amari has enough")
    report(None, Said(trade(), id="e-1", account=ALICES))
    pipeline.drain()
    report(None, Said(trade(lots="7"), id="e-1", account=ALICES))
    with transaction() as conn:
        conn.execute(text("UPDATE quarantine SET body = 'Alice Amari'"))
        conn.execute(
            text("INSERT INTO message (member_id, kind, facts, created_at) VALUES (:id, 'tier.reached', :facts, 1)"),
            {"id": alice.id, "facts": '{"level": 2, "from": 1, "name": "Alice"}'},
        )
        conn.execute(update(SignIn).values(device=b"mark of a browser"))
    brought(alice, omar)
    something_of_everything(alice.id, "my hands shook", now=NOW)
    return alice


def brought(alice: Person, omar: Person) -> None:
    """What Alice brought herself: statements in every state, requests for accounts, a question with its answer."""
    with transaction() as conn:
        # Linked for a while, and counted meanwhile: it is nobody's now, and was hers.
        gone = link(alice.id, *GONE, now=NOW)
    report(None, Said(trade(), id="e-gone", account=GONE))
    pipeline.drain()
    with transaction() as conn:
        unlink(alice.id, gone)
        values = {"platform": CLAIMED[0], "server": CLAIMED[1], "login": CLAIMED[2]}
        [claimed] = conn.execute(insert(TradingAccount).values(**values).returning(TradingAccount.id)).scalars()
        conn.execute(insert(AccountRequest).values(member_id=alice.id, trading_account_id=claimed, made_at=NOW))
        for number, state in enumerate(STATES):
            at = None if state in ("reading", "read", "unreadable") else NOW + timedelta(seconds=number)
            [import_id] = conn.execute(
                insert(StatementImport)
                .values(
                    member_id=alice.id,
                    trading_account_id=claimed if at else None,
                    state=state,
                    file_name="sekret.htm",
                    digest=b"SHA of the file",
                    told={"login": "7301145", "clock": "UTC"},
                    figures={"login": "7301145", "name": "Alice Amari"},
                    made_at=NOW,
                    recorded_at=at,
                )
                .returning(StatementImport.id)
            ).scalars()
            conn.execute(insert(StatementFile).values(import_id=import_id, content=b"<table>Alice Amari"))
        # What was proposed about one of them, with what a person wrote about it.
        of_import = conn.execute(select(StatementImport.id).where(StatementImport.state == "approved")).scalar_one()
        conn.execute(
            insert(Proposal).values(
                kind="statement.approve",
                subject_id=of_import,
                payload={},
                digest=b"d",
                note="Alice Amari sent a large one",
                proposed_by=omar.id,
                proposed_at=NOW,
            )
        )
        asked = {"member_id": alice.id, "topic": "other", "opened_at": NOW, "last_at": NOW, "since": NOW, "replies": 2}
        [question] = conn.execute(insert(Question).values(**asked).returning(Question.id)).scalars()
        for number, body in enumerate(("It is about my wife", "Dear Alice, …")):
            conn.execute(
                insert(QuestionEntry).values(question_id=question, body=body, token=f"q{number}", written_at=NOW)
            )


def everything_stored() -> Iterator[tuple[str, str]]:
    """Every text of every row of every table, but those of other people."""
    with reader().connect() as conn:
        names = (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            if is_sqlite(conn)
            else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        for (name,) in conn.execute(text(names)).all():
            for row in conn.execute(text(f"SELECT * FROM {name}")).all():
                yield name, " ".join(str(value) for value in row)


def test_afterwards_nothing_says_who_it_was(known: Person, omar: Person):
    assert {name for name, said in everything_stored() if any(secret in said for secret in SECRETS)} >= {
        "member", "member_word", "trading_account", "sign_in", "outbox", "adjustment", "quarantine", "message", "proposal",
        "statement_import", "question_entry", "journal_entry",
    }  # fmt: skip
    with transaction():
        assert erasure.erase(omar.id, known.id, now=NOW)
    left = [(name, said) for name, said in everything_stored() if any(secret in said for secret in SECRETS)]
    assert left == []


def test_what_was_played_planned_and_written_down_is_gone(known: Person, omar: Person):
    tables = (
        "challenge_entry", "badge_award", "badge_count", "badge_key", "habit_day", "rest_day", "risk_limit", "trading_plan",
        "journal_entry", "lesson_attempt", "message_choice",
    )  # fmt: skip

    def rows(table: str) -> int:
        return int(read_one(text(f"SELECT count(*) FROM {table} WHERE member_id = :id"), {"id": known.id})[0])

    assert all(rows(table) for table in tables)
    with transaction():
        erasure.erase(omar.id, known.id, now=NOW)
    assert [table for table in tables if rows(table)] == []


def test_the_ledger_proves_what_it_proved(known: Person, omar: Person):
    before = [tuple(row) for row in read_all(text("SELECT * FROM transfer ORDER BY wallet_id, seq"))]
    with transaction():
        erasure.erase(omar.id, known.id, now=NOW)
    assert [tuple(row) for row in read_all(text("SELECT * FROM transfer ORDER BY wallet_id, seq"))] == before
    assert len(before) > 1
    assert verify.verify().bad is None


def test_a_second_erasure_does_nothing(known: Person, omar: Person):
    with transaction():
        erasure.erase(omar.id, known.id, now=NOW)
    first = stored(known)
    with transaction():
        assert not erasure.erase(omar.id, known.id, now=clock.now())
    assert stored(known) == first
    assert [entry.action for entry in audit.of_subject("member", known.id)].count("member.erase") == 1


def test_nobody_signs_in_as_an_erased_member(app: Flask, known: Person, omar: Person):
    client = sign_in(app.test_client(), known)
    with transaction():
        erasure.erase(omar.id, known.id, now=NOW)
    assert client.get("/home").status_code == 303
    assert (
        read_one(text("SELECT count(*) FROM sign_in WHERE member_id = :id AND ended_at IS NULL"), {"id": known.id})[0]
        == 0
    )


def test_the_address_and_the_login_are_free_again(known: Person, omar: Person):
    with transaction():
        erasure.erase(omar.id, known.id, now=NOW)
    with transaction():
        again = enrol(known.email, "Alice Amari", now=NOW, external_id="M-1001")
        link(again, *ALICES, now=NOW)
        profile.save(again, alias="Desert Fox", language="en", theme="auto", up_down="auto", time_zone="UTC")
    assert again != known.id
    assert pipeline.drain() == 1  # that she joined, and nothing of what the one before did


def test_what_is_reported_later_belongs_to_nobody(known: Person, omar: Person):
    with transaction():
        erasure.erase(omar.id, known.id, now=NOW)
    assert report(None, Said(trade(), id="e-9", account=ALICES)) == ["waiting"]


def test_what_was_queued_is_folded_and_earns_nothing(known: Person, omar: Person):
    report(None, Said(trade(), id="e-2", account=ALICES))
    before = read_one(text("SELECT lifetime FROM wallet WHERE id = :id"), {"id": known.id}).lifetime
    with transaction():
        erasure.erase(omar.id, known.id, now=NOW)
    assert pipeline.drain() == 1
    found = decided("e-2")
    assert found is not None
    assert found.earned == 0
    assert read_one(text("SELECT lifetime FROM wallet WHERE id = :id"), {"id": known.id}).lifetime == before
    assert verify.verify().bad is None


def test_waiting_mail_is_not_sent(known: Person, omar: Person):
    with transaction():
        erasure.erase(omar.id, known.id, now=NOW)
    assert outbox.backlog() == (0, 0)
    assert {(mail.recipient, mail.subject, mail.body, mail.html) for mail in mails()} == {("", "", "", None)}


def test_staff_and_others_keep_their_mail(known: Person, bob: Person, dana: Person, omar: Person):
    with transaction():
        connection().execute(
            text("UPDATE staff SET email = :email WHERE id = :id"), {"email": known.email, "id": dana.id}
        )
        outbox.post(known.email, "To Dana of the staff", "…", now=NOW)
        outbox.post(bob.email, "To Bob", "…", member_id=bob.id, now=NOW)
        erasure.erase(omar.id, known.id, now=NOW)
    assert {mail.subject for mail in mails() if mail.subject} >= {"To Dana of the staff", "To Bob"}
    assert stored(bob).name == "Bob Bakkar"


@pytest.mark.parametrize("role", ["mia", "vera"])
def test_only_who_may_erases(known: Person, role: str, request: pytest.FixtureRequest):
    someone: Person = request.getfixturevalue(role)
    with pytest.raises(NotEntitled), transaction():
        erasure.erase(someone.id, known.id, now=NOW)
    assert stored(known).name == "Alice Amari"


def test_nobody_is_erased_who_never_was(app: Flask, omar: Person):
    with pytest.raises(MemberNotFound), transaction():
        erasure.erase(omar.id, 999_999, now=NOW)


def test_a_blocked_member_can_be_erased_and_nothing_can_be_done_afterwards(known: Person, mia: Person, omar: Person):
    with transaction():
        care.block(mia.id, known.id, "wish", now=NOW)
        erasure.erase(omar.id, known.id, now=NOW)
    assert stored(known).earning_blocked


def test_what_was_proposed_about_an_erased_member_is_not_approved(known: Person, omar: Person, dana: Person):
    [waiting] = read_all(text("SELECT id FROM proposal WHERE state = 'open' AND kind = 'points.adjust'"))
    with transaction():
        erasure.erase(omar.id, known.id, now=NOW)
    with pytest.raises(MemberNotFound):
        approve(dana, waiting.id)
    assert state_of(waiting.id) == "open"


def test_nothing_is_written_about_somebody_who_is_erased_at_the_same_moment(app: Flask, mia: Person, omar: Person):
    for number in range(8):
        with transaction():
            member_id = enrol(f"member{number}@example.com", "Pat Smith", now=NOW)
        pipeline.drain()

        def say(amount: int, member_id: int = member_id) -> None:
            with transaction():
                adjust(mia.id, member_id, amount, "Pat Smith asked", f"{amount}-{member_id}", now=NOW)

        def erase(member_id: int = member_id) -> None:
            with transaction():
                erasure.erase(omar.id, member_id, now=NOW)

        made = together(app, [lambda: say(5), erase, lambda: say(4_000)])
        assert made[1] is None
        assert all(one is None or isinstance(one, MemberNotFound) for one in made), made
        with pytest.raises(MemberNotFound):
            say(6)
    assert not [said for _, said in everything_stored() if "Pat Smith" in said]


# Every table and what erasing does to what it says: whoever adds one decides here, and in members/known and
# members/erasure.py. Tables that nothing of a person reaches say so; "ids" are append-only and hold numbers alone.
# fmt: off
REACHED = {
    "blanked": {
        "member", "trading_account", "sign_in", "outbox", "adjustment", "proposal", "quarantine", "statement_import",
        "question", "question_entry",
    },
    "dropped": {
        "member_word", "message", "account_request", "message_choice", "journal_entry", "lesson_attempt", "rest_day",
        "risk_limit", "trading_plan", "habit_day", "challenge_entry", "badge_count", "badge_key", "badge_award",
    },
    "ids": {
        "activity", "activity_queue", "decision", "transfer", "batch", "wallet", "qualifying_day", "allocation", "cap_use", "unit_balance",
        "tier_history", "audit_entry", "used_handoff", "active_day", "taken_back",
    },
}
# fmt: on


def test_every_table_that_names_a_member_has_its_place():
    known = set().union(*REACHED.values())
    names = {
        table.name
        for table in Base.metadata.tables.values()
        if any(
            column.name in ("member_id", "wallet_id")
            or any(key.column.table.name in ("member", "wallet") for key in column.foreign_keys)
            for column in table.columns
        )
    }
    assert names <= known, f"nobody has decided what erasing does to {sorted(names - known)}"


@pytest.mark.parametrize("name", sorted(REACHED["ids"]))
def test_what_stays_has_room_for_numbers_and_keys_alone(name: str):
    """A text that a person could write is no place for what cannot be erased."""
    if name not in Base.metadata.tables:
        pytest.fail(f"there is no table {name}")
    said = {
        column.name
        for column in Base.metadata.tables[name].columns
        if isinstance(column.type, Text | JSON | LargeBinary) and column.name not in FIGURES
    }
    assert said == set()


# Ids of deliveries, figures of activities, outcomes by rule and number, hashes, and the acts of the audit log.
FIGURES = {
    "external_id", "deal", "amends", "data", "digest", "outcome", "hash", "head", "action", "subject_kind", "before",
    "after", "error",
}  # fmt: skip


def test_statements_of_an_erased_member_are_taken_back_or_gone(known: Person, omar: Person):
    with transaction():
        erasure.erase(omar.id, known.id, now=NOW)
    left = {row.state for row in read_all(text("SELECT state FROM statement_import"))}
    assert left == {"approving", "approved", "taking_back", "taken_back"}
    [kept] = read_all(text("SELECT count(*) AS files FROM statement_file"))
    assert kept.files == 0


def test_what_was_merely_claimed_stays_anothers(known: Person, bob: Person, charlie: Person, omar: Person):
    """Alice said of three accounts that they are hers: Bob's, one that Charlie says is his, one of the broker's."""
    report(None, Said(trade(), id="b-1", account=("mt5", "Meridian-Live", "9000003")))
    with transaction() as conn:
        theirs = [link(bob.id, "mt5", "Meridian-Live", "9000001", now=NOW)]
        values = {"platform": "mt5", "server": "Meridian-Live", "login": "9000002"}
        theirs += conn.execute(insert(TradingAccount).values(**values).returning(TradingAccount.id)).scalars()
        theirs.append(conn.execute(text("SELECT id FROM trading_account WHERE login = '9000003'")).scalar_one())
        for account in theirs:
            conn.execute(insert(AccountRequest).values(member_id=known.id, trading_account_id=account, made_at=NOW))
        conn.execute(insert(AccountRequest).values(member_id=charlie.id, trading_account_id=theirs[1], made_at=NOW))
    with transaction():
        erasure.erase(omar.id, known.id, now=NOW)
    logins = {row.login for row in read_all(text("SELECT login FROM trading_account"))}
    assert logins >= {"9000001", "9000002", "9000003"}
    [left] = read_all(text("SELECT member_id FROM account_request"))
    assert left.member_id == charlie.id


@pytest.mark.parametrize("under_way", ["stored", "storing", "read", "approving", "taking_back", "approved"])
def test_the_worker_settles_what_an_erased_member_brought(app: Flask, mia: Person, under_way: str):
    """The ledger stays as it is; what was held for an approval goes back by ordinary lines afterwards."""
    end_all_rules()
    publish("lots", bringing.RULE)
    ann = trader()
    import_id = bringing.look(ann, bringing.file_of(1, 2, 3))
    if under_way != "read":
        bringing.confirm(ann, import_id, drain=under_way != "storing")
    if under_way in ("approving", "approved"):
        bringing.approve(mia.id, import_id, drain=under_way == "approved")
    if under_way == "taking_back":
        with transaction():
            sending.take_back(ann, import_id, now=clock.now())
    before = balances(ann)
    with transaction():
        erasure.erase(None, ann, now=clock.now())
    assert balances(ann) == before
    assert not [said for _, said in everything_stored() if bringing.ACCOUNT[2] in said]
    work.drain()
    assert not read_all(text("SELECT id FROM statement_import WHERE state IN ('reading', 'storing', 'stored')"))
    kept = {"approving": 30, "approved": 30}.get(under_way, 0)
    assert balances(ann)[:2] == (kept, 0)
    assert verify.verify().bad is None
    assert not [said for _, said in everything_stored() if bringing.ACCOUNT[2] in said]
