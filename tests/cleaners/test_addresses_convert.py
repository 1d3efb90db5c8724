"""Old ward codes to the codes of today."""

from __future__ import annotations

import polars as pl

from cleaners import addresses, reference


def test_all_old_wards_convert_and_471_have_several_candidates() -> None:
    codes = reference.successors()["old_ward_code"].to_frame()
    done = codes.select(new=addresses.convert("old_ward_code"))["new"]
    assert (len(done), done.null_count()) == (10_035, 0)
    assert (done.list.len() > 1).sum() == 471
    wards = reference.wards().drop_nulls("old_ward_code")
    pairs = wards.select("old_ward_code", "new_ward_code").sort(pl.all())
    found = codes.with_columns(new_ward_code=done).explode("new_ward_code").sort(pl.all())
    assert found.equals(pairs)


def test_lost_leading_zeros_numbers_and_unknown_codes() -> None:
    frame = pl.DataFrame({"old": ["1", " 00001 ", None, "", "99999", "x"]})
    assert frame.select(addresses.convert("old"))["old"].to_list() == [
        ["00097"],
        ["00097"],
        *[None] * 4,
    ]
    assert pl.DataFrame({"old": [1]}).select(addresses.convert("old"))["old"].to_list() == [
        ["00097"]
    ]


def test_a_frame_gets_the_ward_and_all_candidates() -> None:
    frame = pl.DataFrame({"id": [1, 2], "old": ["00001", "00454"]})
    done = addresses.to_new(frame, "old", name="w")
    assert done.columns == ["id", "old", "w_candidates", "w"]
    assert done["w"].to_list() == ["00097", None]
    assert done["w_candidates"].to_list() == [["00097"], ["00454", "00466", "00475"]]
