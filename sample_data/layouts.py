"""What the files of a run are called, their headers and formats, and the job that reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import polars as pl


@dataclass(frozen=True)
class Form:
    """One file.

    ``columns`` is header of the generator -> header of the file, in the order of the file; empty:
    as the generator has them. ``fields`` is standard field -> header of the file, for a job.
    """

    file: str
    separator: str | None = None  # None: Parquet
    encoding: str = "utf-8"
    columns: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    sex: Mapping[str, str] = field(default_factory=dict)  # word -> word
    dates: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # header: from, to

    def shaped(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The columns of the file from those of the generator."""
        if not self.columns:
            return frame
        frame = frame.select(pl.col(was).alias(now) for was, now in self.columns.items())
        changed = [
            pl.coalesce(
                pl.col(header).str.to_date(was, strict=False).dt.to_string(now), pl.col(header)
            )
            for header, (was, now) in self.dates.items()
        ]
        words = [
            pl.col(header).replace(dict(self.sex))
            for header in self.columns.values()
            if header == self.fields.get("sex")
        ]
        return frame.with_columns(*changed, *words)


@dataclass(frozen=True)
class Layout:
    """All files of a run: the population and the registries by name."""

    name: str
    tables: Mapping[str, Form]

    def job(self, folder: str, out: str = "out") -> str:
        """A job file (YAML) for the files of this layout below ``folder`` (ends in ``/``)."""
        lines = [f"job: {self.name}", "purpose: try the toolkit on synthetic data"]
        lines += ["reference_date: 2026-10-01", "population:"]
        lines += _source(self.tables["population"], folder, "2026-10-01", "  ")
        lines += ["registries:"]
        for name, form in self.tables.items():
            if name != "population":
                as_of = "2026-09-14" if name == "sim" else "2026-08-31"
                lines += [f"  {name}:", *_source(form, folder, as_of, "    ")]
        lines += [f"output: {{path: {out}, formats: [parquet]}}"]
        return "\n".join(lines) + "\n"


def _source(form: Form, folder: str, as_of: str, indent: str) -> list[str]:
    csv = ""
    if form.separator is not None:
        separator = form.separator.replace("\t", "\\t")
        csv = f', delimiter: "{separator}", encoding: {form.encoding}'
    lines = [f"source: {{path: {folder}{form.file}{csv}, as_of: {as_of}}}", "columns:"]
    lines += [f'  {name}: "{header}"' for name, header in form.fields.items()]
    return [indent + line for line in lines]


#: Files as the committed sample has them; ``configs/sample.yaml`` reads them.
USUAL: Final = Layout(
    "usual",
    {
        "population": Form("population.parquet"),
        "driver_licence": Form("driver_licences.csv", ",", "tcvn3"),
        "health_insurance": Form("health_insurance.parquet"),
        "vehicle": Form("vehicles.csv", ","),
        "sim": Form("sims.csv", ";", "utf-8-sig"),
    },
)


def _other(
    file: str,
    columns: str,
    *,
    separator: str | None = None,
    encoding: str = "utf-8",
    **more: object,
) -> Form:
    """A form from lines ``standard field | header of the generator | header of the file``."""
    rows = [[cell.strip() for cell in line.split("|")] for line in columns.strip().splitlines()]
    return Form(
        file,
        separator,
        encoding,
        columns={was: now for _, was, now in rows},
        fields={name: now for name, _, now in rows},
        **more,  # type: ignore[arg-type]
    )


#: The same records under other headers, in other formats.
OTHER: Final = Layout(
    "other",
    {
        "population": _other(
            "dan_cu.csv",
            """
            household_id | ma_ho | SO_HO_KHAU
            person_id | so_dinh_danh | DDCN
            full_name | ho_ten | HO_CHU_DEM_TEN
            sex | gioi_tinh | GIOI
            birth_date | ngay_sinh | NGAY_THANG_NAM_SINH
            old_ids | so_cmnd | CMND_CU
            address | noi_thuong_tru | THUONG_TRU
            current_address | noi_o_hien_tai | CHO_O_HIEN_NAY
            nationality | quoc_tich | QUOC_TICH
            passport | so_ho_chieu | HO_CHIEU
            death_date | ngay_mat | NGAY_CHET
            """,
            separator="|",
            sex={"Nam": "M", "Nữ": "F"},
            dates={"NGAY_THANG_NAM_SINH": ("%Y-%m-%d", "%d/%m/%Y")},
        ),
        "driver_licence": _other(
            "gplx.txt",
            """
            full_name | ho_va_ten | Họ tên người lái xe
            birth_date | ngay_sinh | Năm sinh
            sex | gioi_tinh | Phái
            address | noi_cu_tru | Nơi cư trú
            personal_id | so_cccd_cmnd | Giấy tờ tùy thân
            licence_number | so_gplx | Số GPLX
            licence_class | hang | Hạng
            issued_on | ngay_cap | Ngày cấp
            expires_on | ngay_het_han | Giá trị đến
            record_id | ma_ho_so | STT hồ sơ
            """,
            separator="\t",
            encoding="utf-8-sig",
            sex={"Nam": "nam", "Nữ": "nữ"},
            dates={"Năm sinh": ("%d/%m/%Y", "%d.%m.%Y")},
        ),
        "health_insurance": _other(
            "bhyt.csv",
            """
            record_id | Mã bản ghi | id
            insurance_number | Mã số BHXH | ma_so_bhxh
            full_name | Họ và tên | hoten
            personal_id | Số CCCD | so_giay_to
            birth_date | Ngày sinh | ngaysinh
            sex | Giới tính | gioitinh
            address | Địa chỉ | diachi
            insurance_card | Số thẻ BHYT | so_the
            group | Nhóm đối tượng | doi_tuong
            valid_from | Giá trị từ ngày | tu_ngay
            """,
            separator=",",
            dates={"ngaysinh": ("%d/%m/%Y", "%Y%m%d")},
        ),
        "vehicle": _other(
            "xe.csv",
            """
            plate | BIEN_SO | BienKiemSoat
            kind | LOAI_XE | LoaiPhuongTien
            full_name | CHU_XE | TenChuXe
            address | DIA_CHI_CHU_XE | DiaChi
            personal_id | SO_GIAY_TO_CHU_XE | GiayTo
            tax_code | MA_SO_THUE | MST
            chassis | SO_KHUNG | SoKhung
            engine | SO_MAY | SoMay
            registered_on | NGAY_DANG_KY | NgayDangKy
            record_id | MA_DK | Ma
            """,
            separator=";",
            encoding="vni",
        ),
        "sim": _other(
            "thue_bao.parquet",
            """
            record_id | ma | subscriber_id
            phone | so_thue_bao | msisdn
            full_name | ho_ten | customer_name
            birth_date | ngay_sinh | dob
            personal_id | so_giay_to | id_no
            address | dia_chi | customer_address
            operator | nha_mang | network
            activated_on | ngay_kich_hoat | active_date
            sales_point | diem_ban | shop_code
            contract | hop_dong | pay_type
            """,
            dates={"dob": ("%d/%m/%Y", "%Y-%m-%d")},
        ),
    },
)

LAYOUTS: Final = {layout.name: layout for layout in (USUAL, OTHER)}
