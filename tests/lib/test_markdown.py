"""Markdown as lessons have it: what may stand in a text stands there, and nothing else ever does."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.lib.markdown import LONGEST, as_read, render

TAG = re.compile(r"<(/?)([a-z0-9]+)((?:\s[^<>]*)?)>")
MAY_STAND = {
    "h3",
    "h4",
    "h5",
    "p",
    "ul",
    "ol",
    "li",
    "strong",
    "em",
    "blockquote",
    "code",
    "pre",
    "hr",
    "br",
    "a",
    "bdi",
}
MAY_STAND |= {"div", "table", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = re.compile(
    r'(?: (?:href="https://[^"]*"|rel="noopener noreferrer nofollow"|dir="(?:ltr|rtl)"|id="part-\d+"|start="\d+"'
    r'|class="(?:wide|formula)"|data-align="(?:start|center|end)"))*'
)


def html(text: str) -> str:
    return str(render(text).html)


def assert_safe(made: str) -> None:
    """Only the tags on the list, with only the attributes on the list."""
    rest = TAG.sub("", made)
    assert "<" not in rest, made
    for _, name, attributes in TAG.findall(made):
        assert name in MAY_STAND, made
        assert ATTRIBUTES.fullmatch(attributes), made


def test_headings_begin_below_those_of_the_page():
    made = html("# One\n\n## Two\n\n### Three\n\n###### Six")
    assert made.split() == [
        "<h3",
        'id="part-1">One</h3>',
        "<h3",
        'id="part-2">Two</h3>',
        "<h4>Three</h4>",
        "<h5>Six</h5>",
    ]


def test_sections_are_its_contents():
    found = render("## What *it* is\n\ntext\n\n### deeper\n\n## `1 + 1`\n\n> ## quoted").sections
    assert [(one.id, one.title) for one in found] == [("part-1", "What it is"), ("part-2", "1 + 1")]


def test_a_table_says_its_alignment_without_a_style():
    made = html("| | b |\n| :- | -: |\n| −1 | 2 |")
    assert "style" not in made
    assert '<th data-align="end"><bdi>b</bdi></th>' in made
    assert '<td data-align="start"><bdi>−1</bdi></td>' in made
    assert '<td data-align="start"><bdi></bdi></td>' in made, "an empty corner heads nothing"


def test_a_line_that_is_a_formula_stands_apart_and_runs_from_left_to_right():
    assert html("`1 + 1 = 2`") == '<p class="formula"><code dir="ltr">1 + 1 = 2</code></p>\n'
    formula = "اللوتات × السعر"
    assert html(f"`{formula}`") == f'<p class="formula"><code dir="rtl">{formula}</code></p>\n'
    assert html("so `2`.") == '<p>so <code dir="ltr">2</code>.</p>\n'


def test_a_link_leads_to_https_and_tells_nobody_where_it_came_from():
    made = html('[there](https://example.org "title")')
    assert made == '<p><a href="https://example.org" rel="noopener noreferrer nofollow">there</a></p>\n'


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "&#106;avascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html;base64,PHNjcmlwdD4=",
        "vbscript:x",
        "http://example.org",
        "//example.org",
        "/admin",
        "mailto:a@example.org",
        "<javascript:alert(1)>",
        "\u202ejavascript:alert(1)",
    ],
)
def test_no_other_address_becomes_a_link(address: str):
    for text in (f"[x]({address})", f"<{address}>", f"[x]\n\n[x]: {address}", f"![x]({address})"):
        made = html(text)
        assert "<a" not in made, made
        assert_safe(made)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](https://example.org/x.png)",
        '[x](https://example.org/"onmouseover="alert(1))',
        "<!-- <b> --><svg/onload=alert(1)>",
        "`<script>`\n\n```html onclick=x\n<script>\n```",
        '| <b>a</b> |\n| - |\n| <a href="javascript:x">b</a> |',
        "&lt;script&gt; &#60;b&#62;",
        "[a](https://a.example)[b](javascript:x)<https://c.example>",
        "## <b>x</b> {onclick=x}",
    ],
)
def test_what_is_html_stays_text(text: str):
    made = html(text)
    assert "<img" not in made
    assert_safe(made)


@given(st.text(alphabet="<>&\"'`*_[]()!#|->:=/\\ \nahref0.\u202e\u2066", max_size=200))
def test_whatever_is_written_only_what_may_stand_stands(text: str):
    assert_safe(html(text))


def test_what_turns_other_text_around_is_gone_and_spelling_stays():
    assert as_read("a\u202eb\u202a\u200fc\x00\u200b") == "abc"
    assert as_read("مي\u200cخواهم") == "مي\u200cخواهم"


def test_how_far_a_line_is_indented_is_kept():
    assert as_read("- a\n    - b\n\ttext  two \r\nlast") == "- a\n    - b\n    text two\nlast"


@pytest.mark.parametrize(
    "piece", ["[", "[a](", "*a_ ", "**a *b ", ">", "> ", "- ", "1. ", "|a", "`a", "![", "<a ", "&", "\\", "a\u0301" * 2]
)
def test_no_text_takes_long_or_makes_much(piece: str):
    made = html((piece * LONGEST)[:LONGEST])
    assert len(made) < 40 * LONGEST
    assert made.count("<blockquote>") < 20


def test_what_is_too_long_is_not_read():
    with pytest.raises(ValueError, match="at most"):
        render("a" * 1_000_000)
