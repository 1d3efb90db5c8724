"""Words that names are full of: they tell two readings apart that are both good Vietnamese.

Surnames are those above one half per cent of a published national estimate, with the middle names
Thị and Văn; the other words are the commonest of published lists of names.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import polars as pl

__all__ = ["familiarity", "familiarity_unmarked"]

_MIDDLE: Final = ("thị", "văn")
_SURNAMES: Final = (
    "nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đinh đoàn trương trịnh "
    "đào lương lâm tạ phùng tô hà vương đàm lưu cao mai"
)
_OTHERS: Final = (
    "đình đức hữu xuân công quang thế ngọc minh trọng quốc thanh hồng tiến thành bá duy trung mạnh "
    "việt hải tuấn bảo gia khánh nhật thu phương bích kim mỹ diệu thùy thúy hoài tuyết quỳnh như "
    "diễm cẩm yến ánh trúc mộng lệ hùng dũng sơn nam hưng huy hiếu tùng cường thắng long tâm hòa "
    "bình lợi phúc phước tân chiến vinh nghĩa nhân quý tài tấn thịnh thọ toàn tú phong kiên lộc "
    "khoa anh hương hoa hằng thảo linh trang hiền huyền hạnh thủy nga nhung loan liên oanh dung "
    "ngân nguyệt phượng trinh thư uyên vân tuyền trâm trân nhi vy hường cúc đạt định đông giang "
    "hậu hiệp hoàn khải khôi lực nguyên phát phú quân quyền quyết sang thái thiện thuận tín trí "
    "trường tường vượng viết thơm thắm thoa gấm bé út lan huệ hòe luyến lành lý mến chi khang sang "
    "chung duyên diệp lam hoan tuyên cảnh xuyến thảo châu thiên văn yên hân khuê my ly"
)
#: Of those without marks, what Koreans and Chinese are called as well.
_ELSEWHERE: Final = "kim long nam an sang hung lam tan chi my ly yen han in son vy"


@lru_cache(maxsize=1)
def _shares() -> dict[str, float]:
    """Word in lower case and its bonus."""
    shares = dict.fromkeys(_OTHERS.split(), 0.2) | dict.fromkeys(_SURNAMES.split(), 0.4)
    return shares | dict.fromkeys(_MIDDLE, 0.7)


def familiarity(word: pl.Expr) -> pl.Expr:
    """How much a reading gains by being a common word of names.

    Args:
        word: the reading, in any case.

    Returns:
        Float64, 0 to 0.7.
    """
    low = word.str.to_lowercase()
    return low.replace_strict(_shares(), default=0.0, return_dtype=pl.Float64)


def familiarity_unmarked(low: pl.Expr) -> pl.Expr:
    """How much a word that stands without marks speaks for a Vietnamese name.

    Args:
        low: the word in lower case.

    Returns:
        Float64: 0.17 for a common word of names, 0.12 where others are called so as well, else 0.
    """
    here = {word: 0.17 for word in _shares() if word.isascii()}
    return low.replace_strict(
        here | dict.fromkeys(_ELSEWHERE.split(), 0.12), default=0.0, return_dtype=pl.Float64
    )
