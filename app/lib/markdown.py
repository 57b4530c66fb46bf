"""Markdown of lessons as safe HTML: headings, lists, tables, emphasis, quotes, code and https links, nothing else.

Nothing that a text says becomes markup of ours: raw HTML is text, images are none, and what is made is cleaned once
more by a list of what may stand there. Depth and length are bounded, so that no text takes long.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from itertools import pairwise
from typing import Any
from unicodedata import bidirectional

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

from app.lib.texts import cleaned

LONGEST = 20_000
DEEPEST = 8  # blocks within blocks
SECTION = "part-"  # what the ids of headings begin with

_TAGS = {"h3", "h4", "h5", "p", "ul", "ol", "li", "strong", "em", "blockquote", "code", "pre", "hr", "br", "a", "bdi"}
_TABLE = {"div", "table", "thead", "tbody", "tr", "th", "td"}
_ATTRIBUTES: dict[str, set[str]] = {
    "*": set(),
    "a": {"href"},
    "code": {"dir"},
    "h3": {"id"},
    "ol": {"start"},
    "pre": {"dir"},
    "td": {"data-align"},
    "th": {"data-align"},
}
_ALIGNED = {"text-align:left": "start", "text-align:center": "center", "text-align:right": "end"}


@dataclass(frozen=True)
class Section:
    """A part of a text that has a heading of the first kind."""

    id: str
    title: str


@dataclass(frozen=True)
class Rendered:
    html: Markup
    sections: tuple[Section, ...]


def render(text: str) -> Rendered:
    """The text as HTML whose headings begin at h3. Of one that is too long nothing is read: raises ValueError."""
    if len(text) > LONGEST:
        raise ValueError(f"a text of at most {LONGEST} characters is read")
    tokens = _reader.parse(as_read(text))
    sections = tuple(_sections(tokens))
    _prepare(tokens)
    html = nh3.clean(
        _reader.renderer.render(tokens, _reader.options, {}),
        tags=_TAGS | _TABLE,
        attributes=_ATTRIBUTES,
        url_schemes={"https"},
        allowed_classes={"div": {"wide"}, "p": {"formula"}},
        link_rel="noopener noreferrer nofollow",
    )
    return Rendered(Markup(html), sections)


def as_read(text: str) -> str:
    """The text less what cannot be seen or turns other text around; a line keeps how far it is indented."""
    lines = text.expandtabs(4).splitlines()
    return "\n".join(" " * (len(line) - len(line.lstrip(" "))) + cleaned(line) for line in lines).rstrip()


@lru_cache(maxsize=512)
def rendered(text: str) -> Rendered:
    """The same, remembered: for what was published and does not change."""
    return render(text)


class _Renderer(RendererHTML):
    """Writes figures so that they keep their direction: code and cells run by what they hold."""

    def code_inline(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return super().code_inline(tokens, idx, options, env).replace("<code", f'<code dir="{_way(tokens[idx])}"', 1)

    def code_block(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return super().code_block(tokens, idx, options, env).replace("<pre", f'<pre dir="{_way(tokens[idx])}"', 1)

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        tokens[idx].info = ""
        return super().fence(tokens, idx, options, env).replace("<pre", f'<pre dir="{_way(tokens[idx])}"', 1)

    def table_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return '<div class="wide"><table>'

    def table_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return "</table></div>"

    def _cell_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return self.renderToken(tokens, idx, options, env) + "<bdi>"

    def _cell_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return "</bdi>" + self.renderToken(tokens, idx, options, env)

    th_open = td_open = _cell_open
    th_close = td_close = _cell_close


def _way(token: Token) -> str:
    """Where a formula runs to: with its words, and from left to right where it has none."""
    return "rtl" if any(bidirectional(one) in ("R", "AL") for one in token.content) else "ltr"


def _sections(tokens: Sequence[Token]) -> list[Section]:
    """The headings that lead a part of the text, wherever none is deeper in a list or a quote."""
    found: list[Section] = []
    for token, inner in pairwise(tokens):
        if token.type == "heading_open" and token.tag in ("h1", "h2") and token.level == 0:
            section = Section(f"{SECTION}{len(found) + 1}", _plain(inner))
            token.attrSet("id", section.id)
            found.append(section)
    return found


def _plain(inline: Token) -> str:
    """The words of a line without its marks."""
    return "".join(one.content if one.type in ("text", "code_inline") else "" for one in inline.children or ()).strip()


def _prepare(tokens: Sequence[Token]) -> None:
    """Put headings below those of the page, say alignment without a style, let an empty corner head nothing, and mark
    a line that is nothing but a formula.
    """
    for place, token in enumerate(tokens):
        if token.type in ("heading_open", "heading_close"):
            token.tag = {"h1": "h3", "h2": "h3", "h3": "h4"}.get(token.tag, "h5")
        elif token.type in ("th_open", "td_open"):
            align = _ALIGNED.get(str(token.attrs.pop("style", "")).replace(" ", ""))
            if align:
                token.attrs["data-align"] = align
            if not tokens[place + 1].content.strip():
                token.tag = tokens[place + 2].tag = "td"
        elif token.type == "paragraph_open" and _is_formula(tokens[place + 1]):
            token.attrs["class"] = "formula"


def _is_formula(inline: Token) -> bool:
    return [one.type for one in inline.children or ()] == ["code_inline"]


# A row has as many cells as its head, however few are written. The parser's own limit, for all rows of a table, would
# let a lesson come to more than a megabyte of empty ones.
MOST_UNWRITTEN_CELLS = 1000
import_module("markdown_it.rules_block.table").__dict__["MAX_AUTOCOMPLETED_CELLS"] = MOST_UNWRITTEN_CELLS


class _Reader(MarkdownIt):
    """Reads the subset; a link that leads elsewhere than to an https address stays text."""

    def __init__(self) -> None:
        super().__init__("commonmark", {"html": False, "maxNesting": DEEPEST}, renderer_cls=_Renderer)
        self.enable("table").disable(["image", "html_block", "html_inline", "autolink", "reference"])

    def validateLink(self, url: str) -> bool:
        return url.strip().lower().startswith("https://")


_reader = _Reader()
