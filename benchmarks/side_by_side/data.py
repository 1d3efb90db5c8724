"""The generated files as a competent user of another library would read and normalise them.

Lower case, folded by unidecode, dates as ISO, digits of a number, an address cut at its commas:
what an afternoon's work gives, and nothing of our cleaners but the decoding of the legacy file.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl
from unidecode import unidecode

from cleaners import encodings

#: What the plain contenders see of both sides, beside ``id``.
COLUMNS: Final = (
    *("name", "folded", "given", "family", "dob", "year", "sex", "pid", "cmnds"),
    *("address", "detail", "ward", "province"),
)


@dataclass(frozen=True)
class Source:
    """One registry's file: its name, and which header holds what.

    Attributes:
        path: below the folder of the data.
        columns: ``id, name, number, address`` and, where there are any, ``birth, sex``: headers.
    """

    path: str
    columns: dict[str, str]


SOURCES: Final = {
    "driver_licence": Source(
        "driver_licences.csv",
        {
            **{"id": "ma_ho_so", "name": "ho_va_ten", "birth": "ngay_sinh", "sex": "gioi_tinh"},
            **{"number": "so_cccd_cmnd", "address": "noi_cu_tru"},
        },
    ),
    "health_insurance": Source(
        "health_insurance.parquet",
        {
            **{"id": "Mã bản ghi", "name": "Họ và tên", "birth": "Ngày sinh"},
            **{"sex": "Giới tính", "number": "Số CCCD", "address": "Địa chỉ"},
        },
    ),
    "vehicle": Source(
        "vehicles.csv",
        {
            **{"id": "MA_DK", "name": "CHU_XE", "number": "SO_GIAY_TO_CHU_XE"},
            "address": "DIA_CHI_CHU_XE",
        },
    ),
    "sim": Source(
        "sims.csv",
        {
            **{"id": "ma", "name": "ho_ten", "birth": "ngay_sinh", "number": "so_giay_to"},
            "address": "dia_chi",
        },
    ),
}
REGISTRIES: Final = tuple(SOURCES)


def raw(folder: Path, registry: str) -> pl.DataFrame:
    """A registry's file as text, headers as they are."""
    path = folder / SOURCES[registry].path
    if path.suffix == ".parquet":
        return pl.read_parquet(path)
    if registry == "driver_licence":
        content = io.StringIO(encodings.decode(path.read_bytes(), "tcvn3"))
        return pl.read_csv(content, infer_schema=False)
    separator = ";" if registry == "sim" else ","
    return pl.read_csv(path, separator=separator, infer_schema=False)


def named(folder: Path, registry: str) -> pl.DataFrame:
    """``id, name, number, address, birth, sex`` as written; what is not there is null."""
    columns = SOURCES[registry].columns
    frame = raw(folder, registry).select(pl.col(was).alias(now) for now, was in columns.items())
    absent = [name for name in ("birth", "sex") if name not in columns]
    return frame.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in absent)


def people(folder: Path) -> pl.DataFrame:
    """The population register, headers as they are."""
    return pl.read_parquet(folder / "population.parquet")


def truth(folder: Path, registry: str) -> pl.DataFrame:
    """``record_id``, ``person_id`` (null: nobody in the register) and what else is known."""
    return pl.read_parquet(folder / "truth" / f"{registry}.parquet")


def normalised_registry(folder: Path, registry: str) -> pl.DataFrame:
    """A registry's ``id`` and ``COLUMNS``."""
    return _normalised(named(folder, registry))


def normalised_people(folder: Path) -> pl.DataFrame:
    """The register's ``id`` and ``COLUMNS``."""
    register = people(folder).select(
        id="so_dinh_danh",
        name="ho_ten",
        birth="ngay_sinh",
        sex="gioi_tinh",
        number=pl.concat_str("so_dinh_danh", "so_cmnd", separator=";", ignore_nulls=True),
        address="noi_thuong_tru",
    )
    return _normalised(register)


def _normalised(frame: pl.DataFrame) -> pl.DataFrame:
    folded = _folded(frame["name"]), _folded(frame["address"])
    numbers = pl.col("number").str.replace_all(r"[ .-]", "").str.split(";")
    parts = pl.col("address").str.split(", ")
    short = r"^(phuong|xa|thi tran|dac khu|thanh pho|tinh|p\.|x\.|tt\.|dk\.|tp\.|t\.) ?"
    birth = pl.col("birth")
    iso = (
        pl.when(birth.str.contains(r"^\d{4}-\d\d-\d\d$"))
        .then(birth)
        .when(birth.str.contains(r"^\d\d/\d\d/\d{4}$"))
        .then(birth.str.replace(r"^(\d\d)/(\d\d)/(\d{4})$", "$3-$2-$1"))
    )
    # The ward stands before the province, or before district and province.
    place = pl.when(parts.list.len() >= 4).then(parts.list.get(-3, null_on_oob=True))
    return frame.with_columns(folded=folded[0], address=folded[1]).select(
        "id",
        name=pl.col("name").str.normalize("NFC").str.to_lowercase().str.strip_chars(),
        folded="folded",
        given=pl.col("folded").str.split(" ").list.last(),
        family=pl.col("folded").str.split(" ").list.first(),
        dob=iso,
        year=birth.str.extract(r"(\d{4})"),
        sex=pl.col("sex").replace({"1": "Nam", "2": "Nữ"}),
        # a number that a spreadsheet robbed of its zeros gets them back
        pid=_first(numbers, r"^(\d{10,12}|[A-Z]\d{8})$").str.zfill(12),
        cmnds=numbers.list.eval(pl.element().filter(pl.element().str.contains(r"^\d{9}$"))),
        address="address",
        detail=parts.list.first(),
        ward=place.otherwise(parts.list.get(-2, null_on_oob=True)).str.replace(short, ""),
        province=parts.list.last().str.replace(short, ""),
    )


def _first(numbers: pl.Expr, pattern: str) -> pl.Expr:
    return numbers.list.eval(pl.element().filter(pl.element().str.contains(pattern))).list.first()


def _folded(values: pl.Series) -> pl.Series:
    """Without tone marks, lower case, one space between words."""
    text = pl.col("text")
    bare = text.str.normalize("NFKD").str.replace_all(r"\p{M}", "")
    bare = bare.str.replace_many(["đ", "Đ"], ["d", "D"]).str.to_lowercase()
    tidy = bare.str.replace_all(r"\s+", " ").str.strip_chars()
    folded = values.alias("text").to_frame().select("text", folded=tidy)
    # Letters that are no letter with a mark, few if any: each distinct value once.
    odd = folded.filter(pl.col("folded").str.contains(r"[^\x00-\x7F]"))["text"].unique()
    if odd.is_empty():
        return folded["folded"]
    plain = [" ".join(unidecode(value).lower().split()) for value in odd]
    told = text.replace_strict(odd, pl.Series(plain, dtype=pl.String), default=pl.col("folded"))
    return folded.select(told.alias("folded"))["folded"]
