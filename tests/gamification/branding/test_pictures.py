"""Pictures that were sent to do harm, and what is left of those that were not."""

import io
import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin

from app.gamification.branding.pictures import LOGO, MOST_BYTES, read_logo
from app.gamification.errors.programme import BadPicture, PictureTooLarge, PictureTooSmall


def drawn(
    format: str = "PNG", size: tuple[int, int] = (200, 80), colour: object = (10, 120, 90, 255), **options
) -> bytes:
    file = io.BytesIO()
    mode = "RGB" if format == "JPEG" else "RGBA"
    Image.new(mode, size, colour if mode == "RGBA" else colour[:3]).save(file, format, **options)
    return file.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG whose head says whatever it likes."""
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", data or zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_drawn_anew_with_its_small_squares(format: str):
    logo = read_logo(drawn(format))
    assert (logo.picture.width, logo.picture.height) == (200, 80)
    for made, side in ((logo.icon, 64), (logo.touch, 180)):
        with Image.open(io.BytesIO(made.content)) as opened:
            assert (opened.format, opened.size) == ("PNG", (side, side))


def test_a_large_one_is_made_smaller_in_its_proportions():
    logo = read_logo(drawn(size=(3000, 750)))
    assert (logo.picture.width, logo.picture.height) == LOGO


def test_the_same_picture_has_the_same_address():
    assert read_logo(drawn()).picture.digest == read_logo(drawn()).picture.digest


def test_metadata_stays_behind():
    exif = Image.Exif()
    exif[0x010E] = "shot at home"
    exif[0x0112] = 6  # lies on its side
    note = PngImagePlugin.PngInfo()
    note.add_text("Comment", "<script>alert(1)</script>")
    for data in (drawn("JPEG", exif=exif), drawn("PNG", pnginfo=note), drawn("WEBP", exif=exif)):
        content = read_logo(data).picture.content
        assert b"shot at home" not in content and b"script" not in content
    turned = read_logo(drawn("JPEG", exif=exif)).picture
    assert (turned.width, turned.height) == (64, 160)


def test_what_hangs_behind_a_picture_is_cut_off():
    polyglot = drawn() + b"<html><script>alert(1)</script>PK\x03\x04"
    assert b"script" not in read_logo(polyglot).picture.content


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?xml version='1.0'?><svg/>",
        b"GIF89a" + b"\0" * 100,
        b"%PDF-1.7",
        b"BM" + b"\0" * 100,
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0" + b"\0" * 40,
        b"RIFF\x10\0\0\0WEBPVP8 " + b"\0" * 20,
        drawn()[:200],
        drawn("JPEG", size=(400, 400))[:600],
        png_of(100, 100),
        png_of(100, 100, b"no zlib"),
    ],
)
def test_what_is_no_whole_picture_is_refused(data: bytes):
    with pytest.raises((BadPicture, PictureTooSmall)):
        read_logo(data)


def test_a_gif_is_not_read_even_when_it_is_one():
    file = io.BytesIO()
    Image.new("RGB", (64, 64)).save(file, "GIF")
    with pytest.raises(BadPicture):
        read_logo(file.getvalue())


@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (6001, 40), (40, 6001), (4000, 4000), (2**31 - 1, 1)])
def test_a_bomb_is_told_by_its_head(width: int, height: int):
    with pytest.raises(PictureTooLarge):
        read_logo(png_of(width, height, zlib.compress(b"\0" * 1000)))


def test_a_bomb_of_text_is_refused():
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 80_000_000, 9))
    data = drawn()
    with pytest.raises(BadPicture):
        read_logo(data[:33] + text + data[33:])


def test_too_many_bytes_are_not_even_opened():
    with pytest.raises(PictureTooLarge):
        read_logo(drawn() + b"\0" * MOST_BYTES)


def test_a_speck_is_too_small():
    with pytest.raises(PictureTooSmall):
        read_logo(drawn(size=(16, 16)))


@pytest.mark.parametrize(("colour", "plate"), [((10, 10, 20), "dark"), ((255, 255, 255), "light"), ((47, 140, 90), "")])
def test_a_picture_that_could_not_be_seen_gets_a_plate(colour: tuple[int, int, int], plate: str):
    image = Image.new("RGBA", (200, 100), (0, 0, 0, 0))
    image.paste((*colour, 255), (20, 20, 180, 80))
    file = io.BytesIO()
    image.save(file, "PNG")
    assert read_logo(file.getvalue()).plate == plate


def test_a_picture_with_a_ground_of_its_own_needs_none():
    assert read_logo(drawn(colour=(0, 0, 0, 255))).plate == ""
