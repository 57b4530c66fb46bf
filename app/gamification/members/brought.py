"""What members brought themselves, as it is erased: statements, requests for accounts, questions with their answers."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, text, update

from app.gamification.statements import sending
from app.models.base import connection
from app.models.history import AccountRequest, StatementImport
from app.models.people import TradingAccount
from app.models.questions import Question, QuestionEntry

# Accounts of nobody that the member was known by all the same: they were the member's when the broker reported of them,
# or nobody but the member ever spoke of them. What somebody merely claimed, and others know too, is not theirs to take.
_CLAIMED = text(
    """
    SELECT k.id FROM trading_account k
    WHERE k.member_id IS NULL
        AND k.id IN (
            SELECT trading_account_id FROM account_request WHERE member_id = :of_member
            UNION SELECT trading_account_id FROM statement_import WHERE member_id = :of_member
            UNION SELECT a.trading_account_id FROM decision d JOIN activity a ON a.id = d.activity_id
                WHERE d.member_id = :of_member
        )
        AND NOT EXISTS (
            SELECT 1 FROM account_request r WHERE r.trading_account_id = k.id AND r.member_id <> :of_member
        )
        AND NOT EXISTS (
            SELECT 1 FROM statement_import i WHERE i.trading_account_id = k.id AND i.member_id <> :of_member
        )
        AND (
            EXISTS (
                SELECT 1 FROM decision d JOIN activity a ON a.id = d.activity_id
                WHERE d.member_id = :of_member AND a.trading_account_id = k.id AND a.member_id IS NULL
            )
            OR NOT EXISTS (
                SELECT 1 FROM activity a
                WHERE a.trading_account_id = k.id AND (a.member_id IS NULL OR a.member_id <> :of_member)
            )
        )
    ORDER BY k.id
    """
)
_LOCK = (
    select(TradingAccount.id)
    .where(TradingAccount.id.in_(bindparam("ids", expanding=True)), TradingAccount.member_id.is_(None))
    .order_by(TradingAccount.id)
    .with_for_update()
)
_OF_MEMBER = StatementImport.member_id == bindparam("of_member")
_UNCONFIRMED = delete(StatementImport).where(_OF_MEMBER, StatementImport.recorded_at.is_(None))
_LOCK_IMPORTS = (
    select(StatementImport.id, StatementImport.state, StatementImport.figures)
    .where(_OF_MEMBER)
    .order_by(StatementImport.id)
    .with_for_update()
)
_BLANK_IMPORT = (
    update(StatementImport)
    .where(StatementImport.id == bindparam("of_import"))
    .values(file_name="", digest=b"", told={}, figures=bindparam("kept"))
)
_PLACES = ("after", "freed")  # how far an approval came, in numbers: it goes on by itself
_REQUESTS = delete(AccountRequest).where(AccountRequest.member_id == bindparam("of_member"))
# So that it waits for nobody's answer.
_CLOSE = (
    update(Question)
    .where(Question.member_id == bindparam("of_member"), Question.state != "closed")
    .values(state="closed", since=bindparam("now"))
)
_ENTRIES = (
    update(QuestionEntry)
    .where(
        QuestionEntry.question_id.in_(select(Question.id).where(Question.member_id == bindparam("of_member"))),
        QuestionEntry.body != "",
    )
    .values(body="")
)


def lock_claimed_accounts(member_id: int) -> list[int]:
    """Accounts of nobody that name this member all the same, locked in order of id. Inside an open transaction."""
    ids = connection().execute(_CLAIMED, {"of_member": member_id}).scalars().all()
    return list(connection().execute(_LOCK, {"ids": ids}).scalars()) if ids else []


def lock_imports(member_id: int) -> None:
    """The member's imports, before their accounts: so does the worker that stores one. Inside an open transaction."""
    connection().execute(_LOCK_IMPORTS, {"of_member": member_id})


def forget(member_id: int, *, now: datetime) -> None:
    """Blank or drop all of it. Inside an open transaction that holds the member's wallet and accounts."""
    of_member: dict[str, Any] = {"of_member": member_id}
    connection().execute(_UNCONFIRMED, of_member)
    for row in connection().execute(_LOCK_IMPORTS, of_member).all():
        if row.state in ("storing", "stored"):
            # Nobody is there any more whom an approval would serve: what was held for it goes back, line by line.
            sending.begin_taking_back(row.id, decided_at=sending.instant(member_id, now))
        sending.forget_file(row.id)
        kept = {name: row.figures[name] for name in _PLACES if name in row.figures}
        connection().execute(_BLANK_IMPORT, {"of_import": row.id, "kept": kept})
    connection().execute(_REQUESTS, of_member)
    connection().execute(_CLOSE, of_member | {"now": now})
    connection().execute(_ENTRIES, of_member)
