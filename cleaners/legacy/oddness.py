"""Which values are looked at: one expression that clean text never matches."""

from __future__ import annotations

from typing import Final

from cleaners.legacy.maps import BYTE_KINDS

__all__ = ["odd"]

_VIETNAMESE: Final = (
    "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯưẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặẸẹẺẻẼẽẾếỀềỂểỄễỆệỈỉỊịỌọỎỏ"
    "ỐốỒồỔổỖỗỘộỚớỜờỞởỠỡỢợỤụỦủỨứỪừỬửỮữỰựỲỳỴỵỶỷỸỹ"
)
# One expression that clean text never matches; everything costly happens behind it.
_ODD: Final = "|".join(
    [
        # a character that is neither ASCII nor a composed Vietnamese letter
        rf"[^\t\n\r -~{_VIETNAMESE}]",
        # a capital with a mark behind a small letter: TCVN3 (BÝch)
        "[a-z][ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝ]|[A-Z][ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝ][a-z]",
        # and a small letter with a mark among capitals (QUúNH); NguyÔn in any case
        "[A-Z][àáâãèéêìíòóôõùúý][A-Z]|[A-Z]{2}[àáâãèéêìíòóôõùúý]|[yY][ôÔ]",
        # tones that no word with such an end has (Quèc), words that no name has
        "[àãèìòõùÀÃÈÌÒÕÙ](?:[cC][hH]?|[pPtT])(?:[^a-zA-Z]|$)|"
        "T[hH][òÒ] |^V[òÒ] |V[ãÃ][nN] |^TÕ |S[õÕ][nN]|T[ãÃ][nN][gG]|N[ãÃ][mM]|[âÂ](?: |$)",
        # vowels that meet only in windows-1258 (TrâÌn, Thiò)
        "[ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúý]{2}|[aeioyAEIOY][ìíòõÌÍÒÕ]|[uU][òõúÒÕÚ]",
        "[b-df-hj-np-tv-xB-DF-HJ-NP-TV-XzZ]ý[a-z]|[nN][hH][ýÝ]",
        # vowels that meet only in VNI (Traàn)
        "[aA][àáâãèéêùúõÀÁÂÃÈÉÊÙÚÕ]|[eE][àáâãùõÀÁÂÃÙÕ]|[oO][âùõÂÙÕ]|[uUyYôÔ][ùõÙÕ]",
        # Telex strokes, VNI digits
        "(?i:dd|aa|ee|oo|w[a-z]|[a-z]w|[aeiouy](?:c|ch|m|n|ng|nh|p|t)?[sfrxj])",
        "(?i:[aeiouy](?:c|ch|m|n|ng|nh|p|t)?[1-9]|d9)",
        # a question mark that may have been a letter
        rf"\?[A-Za-z{_VIETNAMESE}]|[A-Za-z{_VIETNAMESE}]\?",
    ]
)


def odd(expect: str | None = None) -> str:
    """The regular expression of values that may be damaged.

    Args:
        expect: the kind that the column is known to have: every value with a mark is then looked
            at, as every good word may be another one in that kind.
    """
    return _ODD if expect not in BYTE_KINDS else f"{_ODD}|[^ -~]"
