"""How a server is written: whoever names one in other letters means the known one, whether the account is known or not.

Otherwise the letters in which an account is shown would tell a member which numbers there are.
"""

from sqlalchemy import text

from app.models.base import connection, in_transaction, read_one

# From one server to the next by the index, however many accounts each has. What members made up themselves, in
# accounts that are nobody's, is not how a server is written.
_KNOWN = text(
    """
    WITH RECURSIVE named (server) AS (
        SELECT min(server) FROM trading_account WHERE platform = :platform
        UNION ALL
        SELECT (SELECT min(t.server) FROM trading_account t WHERE t.platform = :platform AND t.server > named.server)
        FROM named WHERE named.server IS NOT NULL
    )
    SELECT server FROM named
    WHERE lower(server) = lower(:server) AND EXISTS (
        SELECT 1 FROM trading_account t
        WHERE t.platform = :platform AND t.server = named.server AND t.member_id IS NOT NULL
    )
    ORDER BY server <> :server, server LIMIT 1
    """
)


def as_known(platform: str, server: str) -> str:
    """The server as it is written where it is known, else as it was named. One statement."""
    asked = {"platform": platform, "server": server}
    found = connection().execute(_KNOWN, asked).first() if in_transaction() else read_one(_KNOWN, asked)
    return server if found is None else str(found.server)
