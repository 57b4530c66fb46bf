"""Cut the Chinese letters of shared pictures out of Noto Sans CJK SC: GB 2312 level 1, and all that our own words use.

apt-get install fonts-noto-cjk && pip install fonttools brotli
python3 docs/fonts.py /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc
"""

import argparse
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection

ROOT = Path(__file__).parents[1]
FONT = ROOT / "app" / "gamification" / "pictures" / "fonts" / "noto-sans-sc.woff2"
FACE = "NotoSansCJKsc-Regular"
# Rows 16 to 55 of GB 2312: the 3,755 characters that nearly all modern text is written with.
LEVEL_1 = [bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)]
MARKS = "、。〈〉《》「」『』【】〔〕…—·“”‘’～％：；，！？（）＋－／０１２３４５６７８９"


def letters() -> set[str]:
    """Every character to keep; Latin letters and digits come from Inter."""
    common = {pair.decode("gb2312", "ignore") for pair in LEVEL_1}
    texts = [*(ROOT / "app").rglob("*.py"), *(ROOT / "app").rglob("*.po")]
    ours = {letter for path in texts for letter in path.read_text(encoding="utf-8") if "\u3000" <= letter <= "\uffef"}
    return {letter for letter in common | ours | set(MARKS) if letter}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("collection", type=Path, help="NotoSansCJK-Regular.ttc")
    faces = TTCollection(asked.parse_args().collection, lazy=True).fonts
    font = next(face for face in faces if face["name"].getDebugName(6) == FACE)
    options = subset.Options(
        flavor="woff2", layout_features=["kern", "palt"], hinting=False, name_IDs=[0, 1, 2, 13, 14]
    )
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[ord(letter) for letter in letters()])
    cutter.subset(font)
    FONT.parent.mkdir(parents=True, exist_ok=True)
    subset.save_font(font, str(FONT), options)
    print(f"{FONT.name}: {len(letters())} letters, {FONT.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
