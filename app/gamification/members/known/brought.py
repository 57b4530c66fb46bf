"""Of what is known of a person, what they brought themselves: statements, requests for accounts, questions."""

import re
from collections.abc import Iterator

from sqlalchemy import bindparam, select

from app.gamification.members.known.part import Part, table
from app.lib.i18n import _l
from app.models.base import read_all, read_one
from app.models.history import AccountRequest, StatementFile, StatementImport
from app.models.people import TradingAccount
from app.models.questions import Question, QuestionEntry

_ACCOUNT = (TradingAccount.platform, TradingAccount.server, TradingAccount.login)
_IMPORTS = (
    select(
        StatementImport.id.label("number"),
        StatementImport.state,
        StatementImport.file_name.label("file"),
        *_ACCOUNT,
        StatementImport.made_at.label("sent_at"),
        StatementImport.recorded_at.label("confirmed_at"),
        StatementImport.decided_at,
        StatementImport.ended_at.label("done_at"),
        StatementImport.rows.label("activities"),
        StatementImport.points.label("points_that_waited"),
        StatementImport.trust,
        StatementImport.reason,
        StatementImport.told.label("what_you_said"),
        StatementImport.figures.label("what_was_read"),
        StatementImport.digest.label("sha256_of_the_file"),
    )
    .join(TradingAccount, TradingAccount.id == StatementImport.trading_account_id, isouter=True)
    .where(StatementImport.member_id == bindparam("of_member"))
    .order_by(StatementImport.id)
)
_REQUESTS = (
    select(
        AccountRequest.state,
        *_ACCOUNT,
        AccountRequest.made_at,
        AccountRequest.decided_at,
        AccountRequest.via,
        AccountRequest.reason,
    )
    .join(TradingAccount, TradingAccount.id == AccountRequest.trading_account_id)
    .where(AccountRequest.member_id == bindparam("of_member"))
    .order_by(AccountRequest.id)
)
_QUESTIONS = (
    select(
        Question.id.label("question"),
        Question.topic,
        Question.state,
        Question.transfer_seq.label("about_line"),
        Question.decision_seq.label("about_activity"),
        QuestionEntry.written_at,
        QuestionEntry.staff_id.is_not(None).label("by_staff"),
        QuestionEntry.body.label("text"),
    )
    .join(QuestionEntry, QuestionEntry.question_id == Question.id)
    .where(Question.member_id == bindparam("of_member"))
    .order_by(Question.id, QuestionEntry.id)
)
_KEPT_FILES = (
    select(StatementImport.id, StatementImport.file_name)
    .join(StatementFile, StatementFile.import_id == StatementImport.id)
    .where(StatementImport.member_id == bindparam("of_member"))
    .order_by(StatementImport.id)
)
_FILE = select(StatementFile.content).where(StatementFile.import_id == bindparam("of_import"))
_ENDING = re.compile(r"\.([A-Za-z0-9]{1,5})\Z")


def parts(member_id: int) -> Iterator[Part]:
    """Statements, requests and questions of a member."""
    yield table("statements", _l("The statements you sent in, and what became of them."), _IMPORTS, member_id)
    yield table("account_requests", _l("The trading accounts you said are yours."), _REQUESTS, member_id)
    yield table("questions", _l("What you asked, and what was answered."), _QUESTIONS, member_id)


def files(member_id: int) -> Iterator[tuple[str, bytes]]:
    """The files that were sent in and are still kept, one at a time, under names of our own: theirs may be a path."""
    for row in read_all(_KEPT_FILES, {"of_member": member_id}):
        kept = read_one(_FILE, {"of_import": row.id})
        if kept is None:  # its rows were stored a moment ago
            continue
        ending = _ENDING.search(row.file_name)
        yield f"statements/{row.id}.{ending[1].lower() if ending else 'bin'}", bytes(kept.content)
