"""The broker as its members meet it: name, address, legal entities, and the warning that stands on every page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.gamification import programme
from app.gamification.branding.palette import Colours
from app.gamification.branding.stylesheet import digest
from app.gamification.policy.packs import Pack, Policy
from app.gamification.tiers.ladder import Ladder
from app.lib.cache import Kept
from app.lib.i18n import LANGUAGES, Sentence, _l, pick
from app.models.base import kept_by_app, read_all
from app.models.people import ClientClass, LegalEntity

_NO_FIGURE = _l(
    "CFDs are complex and carry a high risk of losing money quickly because of leverage. "
    "Most retail accounts lose money. Only trade what you can afford to lose."
)
_WITH_FIGURE = _l(
    "CFDs are complex and carry a high risk of losing money quickly because of leverage. "
    "%(loss)s%% of our retail accounts lose money. Only trade what you can afford to lose."
)


@dataclass(frozen=True)
class Entity:
    """A legal entity of the broker; `loss` is its published share of retail accounts that lose, in percent."""

    id: int
    key: str
    name: str
    country: str
    pack_key: str
    loss: Decimal | None
    is_retired: bool = False  # keeps its members, takes no new ones


@dataclass(frozen=True)
class Logo:
    """The broker's logo as pages show it: addresses within this installation, size in pixels."""

    address: str
    width: int
    height: int
    icon: str
    touch: str
    plate: str  # on which pages it stands on a ground of its own: "dark", "light" or ""
    has_name: bool  # the name is part of it, so that pages do not repeat it


@dataclass(frozen=True)
class Brand:
    """The programme of this installation, as its pages show it."""

    brand_name: str = "Laurel"
    name: str = "Laurel"
    support_email: str = ""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    currency: str = "USD"
    demo: bool = False
    ladder: Ladder | None = None
    policy: Policy | None = None
    entities: tuple[Entity, ...] = ()
    languages: tuple[str, ...] = tuple(LANGUAGES)  # that members may choose
    links: Mapping[str, str] = field(default_factory=dict)  # help, terms, complaints: what there is
    colours: Colours | None = None
    logo: Logo | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)  # all of them, as they are stored
    version: int = 0  # of the settings, which a form carries

    @property
    def stylesheet(self) -> str:
        """The address of the sheet with the brand's own colours; "" where it has none."""
        return f"/brand/{digest(self.colours)}.css" if self.colours else ""

    def offers(self, language: str) -> bool:
        """Whether members may choose this language."""
        return language in self.languages

    @property
    def is_set_up(self) -> bool:
        """Whether there is a programme at all."""
        return self.policy is not None

    def entity(self, entity_id: int | None) -> Entity | None:
        """One of the broker's entities; None for a member of none."""
        return next((entity for entity in self.entities if entity.id == entity_id), None)

    def entity_for(self, country: str) -> Entity | None:
        """The entity that takes clients of a country: the one under its law pack, else the one offshore."""
        if self.policy is None:
            return None
        home = self.policy.standing("", country, ClientClass.RETAIL).pack_keys[1]
        by_pack = {entity.pack_key: entity for entity in reversed(self.entities) if not entity.is_retired}
        return by_pack.get(home) or by_pack.get("offshore")

    def tier_name(self, level_id: int, language: str) -> str:
        """What a level is called; empty before there is a ladder."""
        return pick(dict(self.ladder.level(level_id).name), language) if self.ladder else ""


# Of an installation that was not set up: its pages still answer.
_NOBODYS = Brand()
_ENTITIES = select(
    LegalEntity.id,
    LegalEntity.key,
    LegalEntity.name,
    LegalEntity.country,
    LegalEntity.pack_key,
    LegalEntity.loss_percentage,
    LegalEntity.retired_at,
).order_by(LegalEntity.id)


def _load() -> Brand:
    try:
        now = programme.current()
    except programme.NotSetUp:
        return _NOBODYS
    entities = []
    for row in read_all(_ENTITIES):
        loss = Decimal(row.loss_percentage) if row.loss_percentage else None
        retired = row.retired_at is not None
        entities.append(Entity(row.id, row.key, row.name, row.country, row.pack_key, loss, retired))
    return Brand(
        now.brand_name,
        now.programme_name,
        now.support_email,
        now.zone,
        now.currency,
        now.demo,
        now.ladder,
        now.policy,
        tuple(entities),
        **_settings(now.settings),
        settings=now.settings,
        version=now.settings_version,
    )


def _settings(kept: Mapping[str, Any]) -> dict[str, Any]:
    colours, logo = kept.get("colours"), kept.get("logo")
    return {
        "languages": tuple(code for code in LANGUAGES if code in kept.get("languages", LANGUAGES)),
        "links": kept.get("links", {}),
        "colours": Colours(**colours) if colours else None,
        "logo": _logo(logo) if logo else None,
    }


def _logo(kept: Mapping[str, Any]) -> Logo:
    digests = {name: f"/brand/{kept[name]}.png" for name in ("digest", "icon", "touch")}
    return Logo(
        digests["digest"],
        kept["width"],
        kept["height"],
        digests["icon"],
        digests["touch"],
        kept["plate"],
        kept["has_name"],
    )


def brand() -> Brand:
    """The brand as it was within the last second."""
    return _kept()()


def forget() -> None:
    """Read it anew: this process has changed it."""
    _kept().forget()


def _kept() -> Kept[Brand]:
    return kept_by_app("brand", lambda: Kept(_load))


def risk_warning(brand: Brand, language: str, *, pack: Pack | None = None, entity_id: int | None = None) -> Sentence:
    """The warning in the words of a law pack, with the figure of the member's entity, or the gravest of them all."""
    entity = brand.entity(entity_id)
    losses = [one.loss for one in brand.entities if one.loss is not None]
    loss = entity.loss if entity and entity.loss is not None else max(losses, default=None)
    if loss is None:
        return Sentence(_NO_FIGURE)
    words = pick(dict(pack.warning), language) if pack else ""
    return Sentence(words or _WITH_FIGURE, {"loss": loss})
