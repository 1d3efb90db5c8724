"""Names of people, and organisations told apart from them.

A Vietnamese name is family, middle (none to several), given; people go by the last word. Names
come in capitals, without tone marks, abbreviated (``Ng. V. An``), with a title, or with a note in
brackets. An organisation in a name field is a subject of its own and is never split into parts.

The test for an organisation errs towards *person*: without tone marks ``nguyen cong ty`` may be
Nguyễn Công Tý, so words that are also given names count only where no name could have them.

>>> import polars as pl
>>> frame = pl.DataFrame({"name": ["NGUYỄN THỊ LAN", "Cty TNHH Hoa Sen"]})
>>> cleaned = frame.select(clean("name")).unnest("name")
>>> cleaned.select("value", "family", "given", "subject").rows()
[('Nguyễn Thị Lan', 'nguyen', 'lan', 'person'), ('Cty TNHH Hoa Sen', None, None, 'organisation')]
"""

from __future__ import annotations

import polars as pl

from cleaners.issues import collect
from cleaners.staged import staged
from cleaners.text import fold, only_where, tidy, tone_normal

__all__ = ["clean", "is_organisation"]

_FIELDS: dict[str, pl.DataType] = {
    **dict.fromkeys(
        ("value", "fold", "tone", "family", "middle", "given", "initials"), pl.String()
    ),
    "has_abbreviation": pl.Boolean(),
    "subject": pl.String(),
    "issues": pl.List(pl.String()),
}
_BRACKETS = r"\s*(?:\([^)]*\)?|\[[^\]]*\]?|\{[^}]*\}?)\s*"
# Family names that can follow a title; "van" and "thi" are left out: after "Ông" they are middle
# names of the old family name Ông.
_FAMILIES = [
    "nguyen",
    "tran",
    "le",
    "pham",
    "hoang",
    "huynh",
    "phan",
    "vu",
    "vo",
    "dang",
    "bui",
    "do",
    "ho",
    "ngo",
    "duong",
    "ly",
    "dinh",
    "truong",
    "trinh",
    "dao",
    "mai",
    "lam",
    "luong",
    "vuong",
    "ha",
    "cao",
    "chau",
    "ta",
    "thai",
    "trieu",
    "doan",
    "dam",
    "la",
    "luu",
    "quach",
    "tang",
    "to",
    "tong",
    "nghiem",
    "phung",
    "kieu",
    "ton",
    "mac",
    "hua",
    "khuat",
    "bach",
    "au",
    "lai",
    "chu",
    "thach",
    "kim",
    "son",
    "ngac",
    "vi",
    "nong",
    "be",
    "hoa",
    "dong",
    "thieu",
    "tieu",
    "vong",
]
_TITLE_WORDS = "ông|bà|anh|chị|cô|chú|bác|cụ|ong|ba|chi|co|chu|bac|cu|em|mr|mrs|ms|miss"
_TITLE_MARKED = rf"(?i)^(?:(?:{_TITLE_WORDS})\s*[./:]\s*)+"
_TITLE_PLAIN = rf"(?i)^(?:{_TITLE_WORDS}) "
_MAYBE_TITLED = rf"(?i)^(?:{_TITLE_WORDS})[\s./:]"
_TITLED = rf"^(?:ong|ba|anh|chi|co|chu|bac|cu|em|mr|mrs|ms|miss) (?:{'|'.join(_FAMILIES)}) [a-z]"

# On folded text: words that no person's name contains, anywhere.
_STRONG = (
    r"\b(?:tnhh|cty|ctcp|htx|ubnd|dntn|tmcp|hop tac xa|uy ban nhan dan|benh vien|tong cong ty|"
    r"xi nghiep|co ltd|company|limited|corporation|jsc|llc)\b"
)
# On folded text: words that start an organisation's name and never a person's.
_STARTS = (
    r"^(?:cong (?:ty|ti)|c ty|ct (?:tnhh|cp|co phan)|chi nhanh|doanh nghiep|tap doan|"
    r"truong (?:tieu hoc|thcs|thpt|ptth|mam non|mau giao|dai hoc|cao dang|trung cap|"
    r"trung hoc|day nghe|pho thong|chinh tri)|so (?:y te|giao duc|noi vu|tai chinh|xay dung|"
    r"cong thuong|nong nghiep|tu phap|giao thong|van hoa|khoa hoc|tai nguyen|lao dong|ke hoach)|"
    r"phong (?:y te|giao duc|noi vu|tai chinh|tu phap|van hoa|lao dong|quan ly|kinh te|kham|"
    r"cong chung)|ban (?:quan ly|chi huy|to chuc|dan van|tuyen giao)|"
    r"ngan hang (?:tmcp|nong nghiep|nha nuoc|chinh sach|thuong mai|dau tu|cong thuong)|"
    r"van phong (?:luat su|cong chung|dai dien|dang ky|uy ban|hdnd)|tram y te|"
    r"trung tam [a-z]+ [a-z]+|cong an (?:xa|phuong|huyen|quan|tinh|thanh pho|tp|thi)|buu dien|"
    r"kho bac|nha may|nha hang|khach san|cua hang|hiep hoi|hoi (?:nong dan|phu nu|cuu chien binh|"
    r"chu thap do|nguoi)|vien kiem sat|toa an|cuc (?:thue|hai quan|thong ke)|chi cuc|quy tin dung|"
    r"ho kinh doanh [a-z]+ [a-z]+|quan doan|su doan|bo (?:chi huy|tu lenh|cong an|quoc phong))\b"
)
# On lower-case text with its tone marks: there these words are unmistakable anywhere.
_TONED = (
    r"\b(?:công ty|công ti|chi nhánh|doanh nghiệp|ngân hàng|tập đoàn|trường học|cổ phần|văn phòng|"
    r"ủy ban|uỷ ban|hợp tác|trung tâm y|bệnh viện)\b|"
    # Only with its tone is it a school: "Trương Th ịHằng" is a woman with a slip of the keyboard.
    r"^trường (?:th|mn|đh|cđ) "
)
# What the pattern above takes for a company, and the tone marks show to be a person.
_NOT_A_COMPANY = r"^công t[ýỳỷỹỵíìỉĩị]\b"
_TONES = "àáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵăâđêôơư"
# Capitals written with the small toned letters of TCVN3: NGUYễN, THị.
_MIXED_CASE = rf"\p{{Lu}}[{_TONES}]+\p{{Lu}}|\p{{Lu}}{{2}}[{_TONES}]+(?:\P{{L}}|$)"
# A dot after one to three letters, a tilde, or a word without vowel (not the H and K of names
# from the Central Highlands, which come first).
_DOTTED = r"\b\p{L}{1,3}[.~]"
_VOWELLESS = r"(?:^| )(?:[bcdgmnpqrstvxl]|[bcdghklmnpqrstvx]{2,}| [hk])(?: |$)| [hk](?: |$)"


def _without_title(text: pl.Expr) -> pl.Expr:
    """Drop a title with a dot, or a title in front of a common family name."""
    marked = text.str.replace(_TITLE_MARKED, "")
    titled = fold(marked).str.contains(_TITLED).fill_null(value=False)
    return pl.when(titled).then(marked.str.replace(_TITLE_PLAIN, "")).otherwise(marked)


def _bare(text: pl.Expr) -> pl.Expr:
    """A person's name without notes in brackets and titles."""
    plain = only_where(
        text,
        lambda expr: expr.str.contains(r"[(\[{]"),
        lambda expr: tidy(expr.str.replace_all(_BRACKETS, " ")),
    )
    return only_where(plain, lambda expr: expr.str.contains(_MAYBE_TITLED), _without_title)


def _organisation(folded: pl.Expr, toned: pl.Expr) -> pl.Expr:
    """Whether a text, given folded and in lower case with its tones, names an organisation."""
    starts = folded.str.contains(_STARTS) & ~toned.str.contains(_NOT_A_COMPANY)
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
    return _organisation(fold(column), tone_normal(column))


def _display(text: pl.Expr) -> pl.Expr:
    """Title Case for names in one case only or in TCVN3's mixed case; others stay as they are."""

    def odd(expr: pl.Expr) -> pl.Expr:
        one_case = (expr == expr.str.to_uppercase()) | (expr == expr.str.to_lowercase())
        return one_case | expr.str.contains(_MIXED_CASE)

    return only_where(text, odd, lambda expr: expr.str.to_titlecase())


def _initials(folded: pl.Expr) -> pl.Expr:
    """First letters of the words: ``nguyen van an`` gives ``n v a``."""
    return folded.str.replace_all(r"([a-z0-9])[a-z0-9]*", "$1")


def _prepare(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Tidy text, text without notes and titles, and what kind of thing it names."""
    text, bare, organisation = pl.col("text"), pl.col("bare"), pl.col("organisation")
    changed = pl.when(bare != text).then(bare)
    return (
        frame.with_columns(text=tidy("raw"))
        .with_columns(fold=fold(text), tone=tone_normal(text))
        .with_columns(organisation=_organisation(pl.col("fold"), pl.col("tone")))
        .with_columns(bare=pl.when(organisation).then(text).otherwise(_bare(text)))
        .with_columns(readable=bare.str.contains(r"\p{L}").fill_null(value=False))
        .with_columns(
            # Most names have neither note nor title: what is folded already is used again.
            fold=pl.when("readable").then(pl.coalesce(fold(changed), "fold")),
            tone=pl.when("readable").then(pl.coalesce(tone_normal(changed), "tone")),
            bare=pl.when("readable").then(bare),
        )
        .with_columns(person=pl.when(~organisation).then("fold"))
        .with_columns(words=pl.col("person").str.split(" "))
    )


def _parts(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The parts of a person's name; null for organisations."""
    words, person, bare = pl.col("words"), pl.col("person"), pl.col("bare")
    count = words.list.len()
    middle = words.list.slice(1, pl.when(count > 2).then(count - 2).otherwise(0)).list.join(" ")
    return frame.with_columns(
        value=pl.when("organisation").then(bare).otherwise(_display(bare)),
        family=pl.when(count > 1).then(words.list.first()),
        middle=pl.when(count > 2).then(middle),
        given=words.list.last(),
        initials=_initials(person),
        has_abbreviation=bare.str.contains(_DOTTED) & person.is_not_null()
        | person.str.contains(_VOWELLESS),
    )


def _judge(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Subject and issues."""
    text, organisation, readable = pl.col("text"), pl.col("organisation"), pl.col("readable")
    subject = (
        pl.when(text.is_null())
        .then(None)
        .when(~readable)
        .then(pl.lit("unknown"))
        .when(organisation)
        .then(pl.lit("organisation"))
        .otherwise(pl.lit("person"))
    )
    return frame.with_columns(
        collect(
            unreadable_name=text.is_not_null() & ~readable,
            note_in_brackets=~organisation & text.str.contains(r"[(\[{]"),
            lost_letters=~organisation & text.str.contains(r"\p{L}\?|\?\p{L}|\x{FFFD}"),
        ),
        subject=subject,
    )


def clean(column: str | pl.Expr) -> pl.Expr:
    """Clean names.

    Args:
        column: a String column.

    Returns:
        A struct named after the column: value (display form), fold, tone (lower case, tones kept,
        one placement), family, middle, given (folded words), initials (``n v a``),
        has_abbreviation, subject (person, organisation, unknown), issues (``unreadable_name``,
        ``note_in_brackets``, ``lost_letters``). Null gives nulls and no issue.

    >>> pl.select(clean(pl.lit("Ông TRẦN VĂN B (chết)").alias("n"))).unnest("n").row(0)[:4]
    ('Trần Văn B', 'tran van b', 'trần văn b', 'tran')
    """
    return staged(column, lambda raw: _judge(_parts(_prepare(raw))), _FIELDS, distinct=True)
