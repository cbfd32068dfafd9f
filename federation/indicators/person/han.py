# SPDX-License-Identifier: Apache-2.0
"""Names written without spaces: Chinese characters and Korean syllables.

Where the family name ends is not written. A family name has one character, except the
compound ones below, which are those in common use (a closed set; facts, in both scripts).
"""

import re
from typing import Final

_COMPOUND_TEXT: Final = (
    "欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 东方 東方 皇甫 尉迟 尉遲 公孙 公孫 慕容 司徒 令狐 夏侯"
    " 端木 独孤 獨孤 南宫 南宮 宇文 长孙 長孫 轩辕 軒轅 西门 西門 申屠 濮阳 濮陽 淳于 百里 呼延"
    " 남궁 황보 제갈 사공 선우 서문 독고 동방"
)
_COMPOUND: Final = frozenset(_COMPOUND_TEXT.split())
_RUN: Final = re.compile("(?<![\u3400-\u9fff\uac00-\ud7a3])[\u3400-\u9fff\uac00-\ud7a3]{2,4}"
                         "(?![\u3400-\u9fff\uac00-\ud7a3])")  # fmt: skip


def part_family_name(text: str) -> str:
    """Return a text with a space behind the family name of each name of 2 to 4 characters.

    Args:
        text: A whole name, family name first; a name that comes in fields needs none of this.

    Returns:
        The text; other scripts are left as they are.
    """
    return _RUN.sub(_part, text)


def _part(found: re.Match[str]) -> str:
    name = found[0]
    size = 2 if name[:2] in _COMPOUND and len(name) > 2 else 1
    return f"{name[:size]} {name[size:]}"
