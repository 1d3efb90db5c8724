"""Organisations in a name field, and the tax code that is written beside a name.

The test errs towards *person*: without tone marks ``nguyen cong ty`` may be Nguyễn Công Tý, so words
that are also given names count only where no name could have them.
"""

from __future__ import annotations

import re

import polars as pl

from cleaners.identifiers import tax_code as codes
from cleaners.names.words import listed
from cleaners.text import fold, named_like, only_where, tone_normal

__all__ = [
    "PIECES",
    "STARTS",
    "TONED_STARTS",
    "is_organisation",
    "may_be_organisation",
    "names_organisation",
    "tax_code",
    "untaxed",
]

# On folded text: words that no person's name contains, anywhere.
_STRONG_WORDS = listed(
    "tnhh cty ctcp htx ubnd hdnd dntn dnnn tmcp mtv thcs thpt ptth bhxh qlda hkd jsc llc ltd corp inc "
    "company limited corporation"
)
_STRONG_PHRASES = [
    "hop tac xa",
    "uy ban nhan dan",
    "benh vien",
    "tong cong ty",
    "xi nghiep",
    "mat tran to quoc",
    "joint stock",
]
_STRONG = rf"\b(?:{'|'.join(_STRONG_WORDS + _STRONG_PHRASES)})\b"
# On folded text: words that start an organisation's name and never a person's.
_OPENINGS = (
    r"cong (?:ty|ti)|c ty|ct (?:tnhh|cp|co phan)|chi nhanh|doanh nghiep|dn tu nhan|tap doan|"
    r"truong (?:tieu hoc|mam non|mau giao|dai hoc|cao dang|trung cap|trung hoc|day nghe|pho thong|"
    r"chinh tri|si quan|quan su|dao tao|boi duong)|so (?:y te|giao duc|noi vu|tai chinh|xay dung|"
    r"cong thuong|nong nghiep|tu phap|giao thong|van hoa|khoa hoc|tai nguyen|lao dong|ke hoach)|"
    r"phong (?:y te|giao duc|noi vu|tai chinh|tu phap|van hoa|lao dong|quan ly|kinh te|kham|"
    r"cong chung)|ban (?:quan ly|quan tri|giam doc|chi huy|to chuc|dan van|tuyen giao)|"
    r"ngan hang (?:tmcp|nong nghiep|nha nuoc|chinh sach|thuong mai|dau tu|cong thuong)|"
    r"van phong (?:luat su|cong chung|dai dien|dang ky|uy ban|hdnd)|tram y te|"
    r"trung tam [a-z]+ [a-z]+|cong an (?:xa|phuong|huyen|quan|tinh|thanh pho|tp|thi)|buu dien|"
    r"kho bac|nha (?:may|hang|khach|nghi|thuoc|sach|tho|van hoa)|khach san|cua hang|sieu thi|"
    r"hiep hoi|hoi (?:nong dan|phu nu|cuu chien binh|chu thap do|nguoi|lien hiep|khuyen hoc)|"
    r"lien (?:doan lao dong|minh hop tac|hiep (?:hoi|hop))|giao xu|tinh xa|nong truong|lam truong|"
    r"hat kiem lam|vien kiem sat|toa an|cuc (?:thue|hai quan|thong ke)|chi cuc|quy tin dung|"
    r"ho (?:kd|kinh doanh|ca the) [a-z]+ [a-z]+|co so [a-z]+ [a-z]+ [a-z]+|to hop (?:tac|san xuat)|"
    r"xuong (?:may|moc|co khi|san xuat)|gara|garage|quan doan|su doan|lu doan|"
    r"bo (?:chi huy|tu lenh|cong an|quoc phong)"
)
STARTS = rf"^(?:{_OPENINGS})\b"
# Every first word of these, and some more.
_FIRST_WORDS = sorted(set(re.findall(r"(?:^|\|)([a-z]+)", _OPENINGS)))
# On lower-case text with its tone marks: there these words are unmistakable anywhere.
# Only with its tone is it a school: "Trương Th ịHằng" is a woman with a slip of the keyboard.
TONED_STARTS = r"^trường (?:th|mn|đh|cđ) |^(?:chùa|đình làng|đền thờ|chợ|bến xe) "
_TONED = (
    r"\b(?:công ty|công ti|chi nhánh|doanh nghiệp|ngân hàng|tập đoàn|trường học|cổ phần|văn phòng|"
    r"ủy ban|uỷ ban|tổ hợp tác|hợp tác xã|trung tâm y|bệnh viện)\b|"
    rf"{TONED_STARTS}"
)
# What the patterns above take for an organisation, and the tone marks show to be a person.
_NOT_AN_ORGANISATION = r"^công t[ýỳỷỹỵíìỉĩị]\b|^(?:hồ|tô) "
# Folded pieces, one of which is in everything that the patterns without ``^`` find.
PIECES = [
    *_STRONG_WORDS,
    *_STRONG_PHRASES,
    *("cong ty", "cong ti", "chi nhanh", "doanh nghiep", "ngan hang", "tap doan", "truong hoc"),
    *("co phan", "van phong", "uy ban", "hop tac", "trung tam y"),
]
_SPLIT_PIECES = [piece.rpartition(" ") for piece in PIECES if " " in piece]
_HEADS = rf"(?:{'|'.join(sorted({head for head, _, _ in _SPLIT_PIECES}))}) $"
_TAILS = rf"^(?:{'|'.join(sorted({tail for _, _, tail in _SPLIT_PIECES}))})"

_LABEL = r"\b(?:mst|m\.s\.t\.?|mã số thuế|ma so thue|tax code)"
_LABELLED = rf"(?i){_LABEL}[\s:.\-]*([0-9](?:[ .]?[0-9]){{9}}(?:[ -]?[0-9]{{3}})?)\b"
_BRANCH = r"\b([0-9]{10}-[0-9]{3})\b"
_BARE = r"\b([0-9]{10})\b"
_WHOLE = (
    rf"(?i)[\s,;(\[-]*(?:{_LABEL}[\s:.\-]*)?\b[0-9](?:[ .]?[0-9]){{9}}(?:[ -]?[0-9]{{3}})?\b[)\]]*"
)


def may_be_organisation(folded: pl.Expr, toned: pl.Expr) -> pl.Expr:
    """A quick test that misses no organisation; ``names_organisation`` decides."""
    of_letters = folded.str.contains_any(PIECES) | folded.str.contains(STARTS)
    return of_letters | toned.str.contains(TONED_STARTS)


def opens_organisation(folded: pl.Expr) -> pl.Expr:
    """Whether a text begins with what may be the first word of an organisation."""
    return folded.str.contains(rf"^(?:{'|'.join(_FIRST_WORDS)})(?-u:\b)")


def stops_within(folded: pl.Expr) -> pl.Expr:
    """Whether a beginning, with a space after it, may stop within the words of an organisation."""
    return folded.str.contains(_HEADS)


def goes_on(folded: pl.Expr) -> pl.Expr:
    """Whether a last word may end what ``stops_within`` finds."""
    return folded.str.contains(_TAILS)


def names_organisation(folded: pl.Expr, toned: pl.Expr) -> pl.Expr:
    """Whether a text, given folded and in lower case with its tones, names an organisation."""
    starts = folded.str.contains(STARTS) & ~toned.str.contains(_NOT_AN_ORGANISATION)
    return folded.str.contains(_STRONG) | starts | toned.str.contains(_TONED)


def is_organisation(column: str | pl.Expr) -> pl.Expr:
    """Whether a text names an organisation.

    Args:
        column: a String column.

    Returns:
        Boolean, null for null.

    >>> names = pl.DataFrame({"n": ["Nguyễn Công Tý", "UBND xã Tân Hòa", "nguyen ngan hang"]})
    >>> names.select(is_organisation("n"))["n"].to_list()
    [False, True, False]
    """
    folded = fold(column)
    return named_like(names_organisation(folded, tone_normal(column)), folded)


def _tax_code(text: pl.Expr) -> pl.Expr:
    """The tax code of texts that hold enough digits."""
    bare = text.str.extract(_BARE)
    found = pl.coalesce(
        text.str.extract(_LABELLED),
        text.str.extract(_BRANCH),
        pl.when(is_organisation(text) & codes.valid(bare)).then(bare),
    ).str.replace_all("[ .-]", "")
    branch = found.str.slice(10)
    return pl.when(branch == "").then(found).otherwise(found.str.head(10) + "-" + branch)


def tax_code(text: pl.Expr) -> pl.Expr:
    """The tax code in a text: labelled, of a branch, or a valid one beside an organisation.

    Ten bare digits beside a person are a phone number or part of an identity number.
    """
    numbered = pl.when(text.str.contains("[0-9][0-9 .]{8}")).then(text)
    return only_where(numbered, lambda expr: expr.is_not_null(), _tax_code)


def untaxed(text: pl.Expr, code: pl.Expr) -> pl.Expr:
    """The text without its tax code; unchanged where that would leave nothing to read."""

    def rest(expr: pl.Expr) -> pl.Expr:
        return expr.str.replace(_WHOLE, " ").str.replace_all("  +", " ").str.strip_chars(" ,;-")

    taxed = pl.when(code.is_not_null()).then(text)
    left = only_where(taxed, lambda expr: expr.is_not_null(), rest)
    return pl.coalesce(left.str.extract(r"^(.*\p{L}.*)$"), text)
