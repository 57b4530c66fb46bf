"""A report is read in whatever encoding the terminal wrote it."""

import pytest

from app.platforms.detect import read_statement
from app.platforms.encoding import decode
from tests.platforms.writing import mt4

ROW = "{note}|1|2025.03.03 09:15:00|buy|0.50|eurusd|1.04|0|0|2025.03.03 15:42:10|1.05|0|0|0|9"
CHINESE, JAPANESE = "手动平仓", "手動決済"
RUSSIAN, FRENCH, ARABIC = "Закрыто вручную", "clôturé à la main", "إغلاق يدوي"


def comment(data: bytes) -> str:
    return read_statement(data).deals[0].comment


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("ascii", "by hand"),
        ("utf-8", ARABIC),
        ("utf-8-sig", CHINESE),
        ("utf-16", ARABIC),
        ("utf-16-le", CHINESE),
        ("utf-16-be", CHINESE),
        ("utf-32", CHINESE),
        ("gb18030", CHINESE),
        ("cp1252", FRENCH),
    ],
)
def test_without_a_declaration(encoding: str, note: str):
    assert comment(mt4(ROW.format(note=note)).encode(encoding)) == note


@pytest.mark.parametrize(
    ("declared", "encoding", "note"),
    [
        ("gb2312", "gb18030", CHINESE),
        ("GBK", "gb18030", "㐂字"),
        ("windows-1251", "cp1251", RUSSIAN),
        ("windows-1256", "cp1256", ARABIC),
        ("Shift_JIS", "shift_jis", JAPANESE),
        ("big5", "big5", "手動平倉"),
        ("utf-8", "utf-8", RUSSIAN),
    ],
)
def test_as_declared(declared: str, encoding: str, note: str):
    head = f'<meta http-equiv="Content-Type" content="text/html; charset={declared}">'
    assert comment(mt4(ROW.format(note=note), head=head).encode(encoding)) == note


@pytest.mark.parametrize("declared", ["utf-16", "zip", "unicode_escape", "punycode", "utf-7", "nonsense", ""])
def test_a_declaration_that_cannot_be_true_is_not_believed(declared: str):
    data = mt4(ROW.format(note=CHINESE), head=f"<meta charset={declared}>").encode()
    assert comment(data) == CHINESE


def test_halves_of_characters_are_left_out():
    data = b"\xff\xfe" + mt4(ROW.format(note="left \ud800out")).encode("utf-16-le", "surrogatepass")
    assert comment(data).encode("utf-8")


def test_cyrillic_is_not_taken_for_chinese():
    assert "<b>" in decode(mt4(ROW.format(note=RUSSIAN)).encode("cp1251")).text
    assert not any("一" <= letter <= "鿿" for letter in decode(mt4(ROW.format(note=RUSSIAN)).encode("cp1251")).text)
