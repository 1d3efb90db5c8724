"""Words that decide what a name is: family names, titles, clans, beginnings of syllables.

All are folded. The lists are recalled from general knowledge of Vietnamese names, not taken from a
register: they decide on titles, order and lost marks, and never whether a name is valid.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "CLANS",
    "CLANS_TONED",
    "FAMILIES",
    "FAMILY_FIRST",
    "LETTER",
    "ONSETS",
    "TITLES",
    "TITLES_MARKED",
    "TITLE_FAMILIES",
    "any_of",
    "listed",
]


LETTER: Final = r"a-zA-Z\x{C0}-\x{24F}\x{1E00}-\x{1EFF}"
"""Latin letters, for classes of regular expressions: all letters take far longer to compile."""


def listed(words: str) -> list[str]:
    """The words of a text, which is easier to read than a list of quoted ones."""
    return words.split()


def any_of(words: list[str]) -> str:
    """A regular expression for one of the words, the longer ones first."""
    return f"(?:{'|'.join(sorted(set(words), key=len, reverse=True))})"


TITLE_FAMILIES: Final = listed(
    "nguyen tran le pham hoang huynh phan vu vo dang bui do ho ngo duong ly dinh truong trinh dao "
    "mai lam luong vuong ha cao chau ta thai trieu doan dam la luu quach tang to tong nghiem phung "
    "kieu ton mac hua khuat bach au lai chu thach kim son ngac vi nong be hoa dong thieu tieu vong"
)
"""Family names that can follow a title. "Van" and "thi" are left out: after "Ông" they are middle
names of the old family name Ông."""

FAMILIES: Final = [
    *TITLE_FAMILIES,
    *listed(
        "luc lo quang cam hau giang vang thao sung ma khong vien than phi ninh cu doi tra danh tu "
        "ung hinh tiet lieu lu luyen khuong khuc khieu kha giap du dau cap can diec uong sam lau leo "
        "deo che nham nghi tuong chiem vinh sin vua mua ngan ngu tham bo chung cong"
    ),
]
"""Family names of some weight, without words that stand elsewhere far more often (An, Văn, Thị)."""

FAMILY_FIRST: Final = rf"^{any_of(FAMILIES)} "
"""On folded text of several words: a known family name stands first."""

CLANS: Final = listed(
    "nie eban mlo ayun ksor siu kpa kdam ktla kbuor kpor knul hmok hwing adrong enuol bya bkrong "
    "bdap rcam rcom rmah ralan nay puih ro rahlan cil kon bon yo"
)
"""Clans of the Central Highlands; they come last: Y Bih Mlô, H'Hen Niê."""

CLANS_TONED: Final = listed("niê êban mlô kpă kdăm kbuôr kpơr hmŏk adrơng ênuôl byă bkrông bdăp rơ")

ONSETS: Final = listed(
    # The longest first.
    "ngh ng nh gh gi kh ch ph qu th tr b c d g h k l m n p q r s t v x"
)
"""What a Vietnamese syllable can begin with."""

TITLES: Final = listed("ông bà anh chị cô chú bác cụ ong ba chi co chu bac cu em mr mrs ms miss")
TITLES_MARKED: Final = [*TITLES, *listed("bs bsck ths ts gs pgs ks ls đ/c đc")]
"""With a dot or a colon these too are titles: no Vietnamese word begins like ``ThS.``"""
