"""What is left to do until the programme is live: told by what there is, never stored."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import exists, func, select

from app.gamification.brand import Brand, brand
from app.gamification.ingest import APP
from app.gamification.programme_settings import saving
from app.lib.cache import Kept
from app.lib.i18n import _l
from app.models.activity import Activity, ApiKey, Source
from app.models.base import kept_by_app, read_one
from app.models.desk import StaffInvitation
from app.models.people import Member, Staff

DISMISSED = "start_dismissed"
KEPT_SECONDS = 10.0
NEAR = ("127.0.0.1", "localhost", "::1")

_FACTS = select(
    (select(func.count()).select_from(Staff).where(Staff.left_at.is_(None)).scalar_subquery() > 1).label("colleagues"),
    exists(select(StaffInvitation.id).where(StaffInvitation.ended_at.is_(None))).label("invited"),
    exists(select(ApiKey.id).where(ApiKey.revoked_at.is_(None))).label("key"),
    exists(select(Activity.id).where(Activity.source_id.in_(select(Source.id).where(Source.key != APP)))).label(
        "activity"
    ),
    exists(select(Member.id)).label("member"),
)


class Installation(NamedTuple):
    """What of the settings the checklist looks at."""

    mail_server: str
    public_url: str


class Step(NamedTuple):
    """One thing to do: done or not, what and why, and where it is done (a path; "" for the console)."""

    key: str
    done: bool
    title: str
    why: str
    icon: str
    address: str


class Start(NamedTuple):
    """The checklist."""

    steps: tuple[Step, ...]
    dismissed: bool

    @property
    def done(self) -> int:
        return sum(step.done for step in self.steps)

    @property
    def is_open(self) -> bool:
        """Whether something is left, and nobody said that it does not matter."""
        return not self.dismissed and self.done < len(self.steps)


def read(installation: Installation) -> Start:
    """The checklist as of now. One statement beside the brand."""
    house, facts = brand(), read_one(_FACTS)._mapping
    return Start(tuple(_steps(house, facts, installation)), bool(house.settings.get(DISMISSED)))


def is_open(installation: Installation) -> bool:
    """Whether the checklist still stands in the sidebar; as it was seconds ago, because every staff page asks.

    A demonstration has nothing to go live with.
    """
    if brand().demo:
        return False
    return _kept(installation)().is_open


def dismiss(by: int, *, version: int, now: datetime) -> None:
    """Let it be for all: what is left does not matter to this programme. Inside an open transaction."""
    saving.change(by, "start.dismiss", {DISMISSED: True}, version=version, now=now)


def forget(installation: Installation) -> None:
    """Look again: this process has changed something of it."""
    _kept(installation).forget()


def _kept(installation: Installation) -> Kept[Start]:
    return kept_by_app("start", lambda: Kept(lambda: read(installation), KEPT_SECONDS))


def _steps(house: Brand, facts: Mapping[str, bool], installation: Installation) -> list[Step]:
    protected = [entity for entity in house.entities if house.policy and house.policy.pack(entity.pack_key).retail]
    return [
        Step(
            "people",
            facts["colleagues"] or facts["invited"],
            _l("Invite a second person"),
            _l("Rules, limits and larger sums need two people. Until there are two, nothing new can go live."),
            "user-plus",
            "/admin/people",
        ),
        Step(
            "logo",
            house.logo is not None,
            _l("Upload your logo"),
            _l("Pages, mails and the tab of the browser show it; colours follow on the same page."),
            "palette",
            "/admin/brand",
        ),
        Step(
            "losses",
            all(entity.loss is not None for entity in protected),
            _l("Publish the loss percentage of each protected company"),
            _l("Supervisors want your own figure in the warning on every page."),
            "percent",
            "/admin/entities",
        ),
        Step(
            "mail",
            bool(installation.mail_server),
            _l("Connect a mail server"),
            _l("Without one nobody can confirm an address. Set LAUREL_MAIL_SERVER and start again."),
            "mail",
            "",
        ),
        Step(
            "https",
            _is_public(installation.public_url),
            _l("Serve it by HTTPS under your own address"),
            _l("Links in mails lead there. Set LAUREL_PUBLIC_URL and LAUREL_SECURE_COOKIES."),
            "lock",
            "",
        ),
        Step(
            "key",
            facts["key"],
            _l("Make a key for your platform"),
            _l("Your bridge signs what it reports with it."),
            "key-round",
            "/admin/keys",
        ),
        Step(
            "activity",
            facts["activity"],
            _l("Receive a first activity"),
            _l("Report one closed trade; the API page has programs to copy."),
            "chart-candlestick",
            "/api",
        ),
        Step(
            "member",
            facts["member"],
            _l("Welcome the first member"),
            _l("Join yourself at the front page, and see what your clients will see."),
            "users",
            "/join",
        ),
    ]


def _is_public(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" and parts.hostname not in NEAR
