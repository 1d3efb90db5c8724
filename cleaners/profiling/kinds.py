"""The kinds that a column can be of: cleaner, evidence, validity, and words in a column's name."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from cleaners import addresses, dates, names, phones, sex
from cleaners.identifiers import (
    chassis,
    engine,
    insurance_card,
    insurance_number,
    licence_number,
    passport,
    personal_id,
    plate,
    tax_code,
)
from cleaners.profiling import evidence
from cleaners.profiling.evidence import has, part

__all__ = ["BIRTH", "BIRTH_HINT", "KINDS", "Kind"]

# Long numbers, with separators; letters and digits in one value.
_LONG: Final = r"^['( ]*[A-Za-z]{0,2}[0-9][0-9 .,)/\-]{6,}[A-Za-z]{0,2}\s*$"
_MIXED: Final = r"^[A-Za-z0-9 .,_/\-]*(?:[A-Za-z][ .,_/\-]*[0-9]|[0-9][ .,_/\-]*[A-Za-z])"
# Numbers with something between them, or four to eight digits alone.
_DATED: Final = r"^(?:\D{0,20}[0-9]{1,4}[^0-9]+[0-9].{0,30}|['\s]*[0-9]{4,8}(?:\.0)?\s*)$"
#: Words in the squashed, folded name of a column that holds dates of birth.
BIRTH_HINT: Final = r"ngaysinh|namsinh|birth|dob|sinhnhat|ngaythangnamsinh"


@dataclass(frozen=True)
class Kind:
    """One kind of column.

    Attributes:
        name: as the profile gives it.
        module: of ``cleaners``, as one writes it.
        clean: (column, reference date) to the cleaner's struct.
        fits: evidence from 0 to 1 for one value.
        form: regular expression that at least some raw values match; a cheap test before cleaning.
        hint: regular expression on the column's name, folded and without spaces.
        is_valid: whether a cleaned value is usable.
        is_certain: whether hardly anything else has this form, so that no other kind need be tried.
        tried: values that are tried at most.
    """

    name: str
    module: str
    clean: Callable[[pl.Expr, datetime.date], pl.Expr]
    fits: Callable[[], pl.Expr]
    form: str
    hint: str
    is_valid: Callable[[], pl.Expr] = lambda: part("value").is_not_null()
    is_certain: bool = False
    tried: int = 1000

    @property
    def needs_date(self) -> bool:
        """Whether its cleaner takes a reference date."""
        return self.module == "dates"


def _simple(clean: Callable[[pl.Expr], pl.Expr]) -> Callable[[pl.Expr, datetime.date], pl.Expr]:
    return lambda column, _: clean(column)


def _valid_date() -> pl.Expr:
    """A bare year is valid, and so is a day to come; an impossible day is not."""
    return part("year").is_between(1900, 2200) & ~has("impossible_date")


def _valid_birth() -> pl.Expr:
    """Nobody is born in the future."""
    return part("year").is_not_null() & ~has("impossible_date", "out_of_range")


def _valid_number() -> pl.Expr:
    return part("value").is_not_null() & ~has("unknown_province", "impossible_century")


#: In the order of preference where evidence is the same.
KINDS: Final[tuple[Kind, ...]] = (
    Kind(
        "person_name",
        "names",
        _simple(names.clean),
        evidence.person_name,
        r"\p{L}[ .]+\p{L}",
        r"hoten|hovaten|tenkh|tendaydu|fullname|hovatenkhaisinh|chuxe|chuho|nguoidaidien|tenthuebao",
        lambda: part("subject").is_in(["person", "organisation"]),
        is_certain=True,
    ),
    Kind(
        "personal_id",
        "identifiers.personal_id",
        _simple(personal_id.clean),
        evidence.personal_id,
        _LONG,
        r"cccd|cmnd|cmt|cancuoc|dinhdanh|giayto|personalid|nationalid|idcard|idnumber",
        _valid_number,
    ),
    Kind(
        "date",
        "dates",
        lambda column, reference: dates.clean(column, reference_date=reference),
        evidence.date,
        _DATED,
        rf"ngay|{BIRTH_HINT}|date|thoigian|thoidiem|hethan|hieuluc",
        _valid_date,
    ),
    Kind(
        "phone",
        "phones",
        _simple(phones.clean),
        evidence.phone,
        r"^['+( ]*[0-9][0-9 .()/;+\-]{5,}",
        r"sdt|sodt|dienthoai|dtdd|didong|phone|mobile|tel|thuebao|hotline|zalo",
    ),
    Kind(
        "sex",
        "sex",
        _simple(sex.clean),
        evidence.sex,
        r"^.{1,8}$",
        r"gioitinh|phai|sex|gender",
        is_certain=True,
    ),
    Kind(
        "address",
        "addresses",
        _simple(addresses.clean),
        evidence.address,
        r"(?:^|[ ,.])\p{L}+[ ,.]+(?:.*[ ,.])?\p{L}{2,}(?:$|[ ,.;])",
        r"diachi|noicutru|thuongtru|tamtru|address|noio|noisong|quequan|nguyenquan|choohiennay",
        lambda: part("province").is_not_null(),
        is_certain=True,
        tried=200,
    ),
    Kind(
        "tax_code",
        "identifiers.tax_code",
        _simple(tax_code.clean),
        evidence.tax_code,
        _LONG,
        r"masothue|mst|taxcode|taxid|taxno",
    ),
    Kind(
        "licence_number",
        "identifiers.licence_number",
        _simple(licence_number.clean),
        evidence.licence_number,
        _LONG,
        r"gplx|giaypheplaixe|banglai|licence|license",
        _valid_number,
    ),
    Kind(
        "insurance_number",
        "identifiers.insurance_number",
        _simple(insurance_number.clean),
        evidence.insurance_number,
        _LONG,
        r"bhxh|baohiemxahoi|socialinsurance",
    ),
    Kind(
        "insurance_card",
        "identifiers.insurance_card",
        _simple(insurance_card.clean),
        evidence.insurance_card,
        r"^\s*[A-Za-z]{2}[ .\-]*[1-5]",
        r"thebhyt|bhyt|thebaohiem|baohiemyte|healthinsurance",
        is_certain=True,
    ),
    Kind(
        "plate",
        "identifiers.plate",
        _simple(plate.clean),
        evidence.plate,
        r"^\s*(?:[0-9]{2}[ .\-]?(?:[0-9]{3}[ .\-]?)?[A-Za-zĐđ]|[A-Za-z]{2}[ .\-]?[0-9]{2}[ .\-]?[0-9])",
        r"bienso|bienkiemsoat|bks|plate",
        is_certain=True,
    ),
    Kind(
        "chassis",
        "identifiers.chassis",
        _simple(chassis.clean),
        evidence.chassis,
        _MIXED,
        r"sokhung|chassis|^vin$",
    ),
    Kind(
        "engine",
        "identifiers.engine",
        _simple(engine.clean),
        evidence.engine,
        _MIXED,
        r"somay|engine",
    ),
    Kind(
        "passport",
        "identifiers.passport",
        _simple(passport.clean),
        evidence.passport,
        r"^\s*[A-Za-z]{1,2}[ .\-]?[0-9]",
        r"hochieu|passport",
    ),
)

BIRTH: Final = replace(
    next(kind for kind in KINDS if kind.name == "date"), name="birth_date", is_valid=_valid_birth
)
