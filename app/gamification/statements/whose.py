"""Whose account a file is about, when a member sends it in: told by what is known of the login, and nobody refused.

Whether the account is somebody else's is not for the sender to learn; staff are warned when they decide.
"""

from sqlalchemy import text

from app.gamification import programme
from app.gamification.statements.reading import Account
from app.gamification.statements.told import Told, named
from app.gamification.trading_accounts.servers import as_known
from app.models.base import read_all
from app.platforms.statement import Statement

# What other senders made up must not name the server of an account that only they know.
_KNOWN = text(
    """
    SELECT id, server, login, member_id,
        member_id IS NOT NULL
        OR EXISTS (SELECT 1 FROM activity a WHERE a.trading_account_id = t.id AND a.verified) AS is_reported
    FROM trading_account t
    WHERE platform = :platform AND (login = :login OR member_id = :member) ORDER BY id
    """
)


def account_of(statement: Statement, told: Told, member_id: int) -> Account | None:
    """The account, as the file names it, else as the member's accounts leave no doubt, else as the member told.

    A report of MetaTrader 4 names no server: then it is that of the member's account with this login, of the only one
    that the broker's reports know, what the member told, and last the company. None: nothing says which login it is.
    """
    login, server = statement.login, statement.server
    if server == told.hints.server:
        server = None  # told, not read
    known = read_all(_KNOWN, {"platform": statement.platform, "login": login or "", "member": member_id})
    own = [row for row in known if row.member_id == member_id]
    if not login:
        if len(own) != 1:
            return None
        login, server = own[0].login, own[0].server
    login = named(login)
    if server is None:
        servers = [row.server for row in own if row.login == login]
        if len(servers) != 1:
            servers = [
                row.server
                for row in known
                if row.login == login and row.is_reported and row.member_id in (None, member_id)
            ]
        told_or_company = told.hints.server or statement.company
        if told.hints.server in servers or len(servers) != 1:
            server = told_or_company
        else:
            server = servers[0]
    server = as_known(statement.platform, named(server or "") or statement.platform)
    # However its letters are written, a server is one; as it is written first of all.
    same = [row for row in known if (row.server.lower(), row.login) == (server.lower(), login)]
    if not same:
        return Account(None, statement.platform, server, login)
    row = min(same, key=lambda row: row.server != server)
    return Account(row.id, statement.platform, row.server, login)


def trust_in(is_linked: bool) -> str:
    """How far a statement that is confirmed now is trusted; `is_linked`: its account is its sender's.

    A file names any account it likes: trusted at once is only what is of an account that the broker has linked.
    """
    trust = programme.current().statement_trust
    return "review" if trust == "trusted" and not is_linked else trust
