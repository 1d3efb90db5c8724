"""The population register: cleaned once, with everything that a person was ever known by."""

from __future__ import annotations

import polars as pl
import pytest

from linkage.engines.duckdb import DuckDBEngine
from linkage.errors import ConfigError
from linkage.population import PEOPLE as PEOPLE_TABLE
from linkage.population import PEOPLE_FEATURES, Population, clean_people, load_population
from tests.linkage.tables import PEOPLE, PERSON, Row, context, frame, job, rows_by, run_literal


def raw(*people: Row, without: tuple[str, ...] = ()) -> pl.DataFrame:
    return (
        frame(people, PERSON)
        .rename({"person_id": "record_id"})
        .with_row_index("row", 1)
        .with_columns(pl.col("row").cast(pl.Int64))
        .drop(without)
    )


def clean(*people: Row, without: tuple[str, ...] = ()) -> pl.DataFrame:
    return clean_people(raw(*people, without=without), job("sim").population.fields, context())


def load(engine: DuckDBEngine, *pieces: pl.DataFrame) -> Population:
    return load_population(engine, pieces, job("sim").population.fields, context())[0]


def test_there_is_one_row_per_person_in_order() -> None:
    found = clean(*PEOPLE)
    assert found["person_id"].to_list() == [row["person_id"] for row in PEOPLE]
    assert found["idx"].to_list() == list(range(len(PEOPLE)))


def test_the_key_serves_as_number_where_no_other_is_mapped() -> None:
    assert clean(*PEOPLE)["personal_id"].to_list() == [row["person_id"] for row in PEOPLE]


def test_old_numbers_are_parted_and_cleaned() -> None:
    people = [
        {**PEOPLE[0], "old_ids": "011 987 654;013456789"},
        {**PEOPLE[1], "old_ids": "x; 12"},
        {**PEOPLE[2], "old_ids": None},
    ]
    assert clean(*people)["old_ids__numbers"].to_list() == [
        ["011987654", "013456789"],
        None,
        None,
    ]


def test_a_register_without_old_numbers_or_second_addresses_will_do() -> None:
    without = ("old_ids", "current_address", "passport")
    assert clean(*PEOPLE, without=without)["old_ids__numbers"].null_count() == len(PEOPLE)
    with DuckDBEngine(threads=1) as engine:
        load(engine, raw(*PEOPLE, without=without))
        assert engine.number(f"SELECT count(*) FROM {PEOPLE_FEATURES}") == len(PEOPLE)


def test_helpers_of_other_fields_are_not_linked_on_by_themselves() -> None:
    with DuckDBEngine(threads=1) as engine:
        types = load(engine, raw(*PEOPLE)).types
    assert set(types) == {"full_name", "birth_date", "personal_id", "sex", "address"}


def test_loading_makes_people_and_features() -> None:
    with DuckDBEngine(threads=1) as engine:
        load(engine, raw(*PEOPLE))
        for table in (PEOPLE_TABLE, PEOPLE_FEATURES):
            assert engine.number(f"SELECT count(DISTINCT idx) FROM {table}") == len(PEOPLE)


@pytest.mark.parametrize("size", [1, 3, len(PEOPLE)])
def test_pieces_of_a_register_make_the_register(size: int) -> None:
    whole = raw(*PEOPLE)
    found = []
    for pieces in ([whole], list(whole.iter_slices(size))):
        with DuckDBEngine(threads=1) as engine:
            population = load(engine, *pieces)
            people = engine.frame(f"FROM {PEOPLE_TABLE} ORDER BY idx")
            features = engine.frame(f"FROM {PEOPLE_FEATURES} ORDER BY idx")
            found.append((population, people, features))
    (one, people, features), (other, same_people, same_features) = found
    assert one == other
    assert people.equals(same_people)
    assert features.equals(same_features)


def test_frequencies_are_shares_of_the_people() -> None:
    with DuckDBEngine(threads=1) as engine:
        found = load(engine, raw(*PEOPLE))
        table = found.frequencies(engine, "full_name__fold")
        assert found.frequencies(engine, "full_name__fold") == table
        shares = dict(engine.frame(f'FROM "{table}"').rows())
    assert shares["vu van minh"] == 2 / 8
    assert shares["nguyen thi lan"] == 1 / 8
    assert sum(shares.values()) == pytest.approx(1)


def test_a_value_that_is_missing_takes_no_share() -> None:
    with DuckDBEngine(threads=1) as engine:
        found = load(engine, raw(*PEOPLE[:3], {**PEOPLE[3], "address": None}))
        shares = engine.frame(f'FROM "{found.frequencies(engine, "address__ward")}"')
    assert shares["tf_address__ward"].to_list() == pytest.approx([1 / 3] * 3)


def test_a_repeated_key_is_set_aside_and_listed() -> None:
    crowd = [{**PEOPLE[0], "person_id": f"0011900{n:05}", "old_ids": None} for n in range(1, 1_200)]
    result = run_literal({"sim": []}, [*crowd, crowd[0]])
    issues = rows_by(result.population_issues, "person_id")
    assert issues[crowd[0]["person_id"]]["reasons"] == ["DUPLICATE_KEY"]
    assert result.manifest["population"]["people"] == len(crowd)


def test_many_repeated_keys_stop_the_job() -> None:
    with pytest.raises(ConfigError, match="repeats 1 of its 9 keys") as caught:
        run_literal({"sim": []}, [*PEOPLE, PEOPLE[0]])
    assert PEOPLE[0]["person_id"] not in str(caught.value)


def test_a_place_is_as_frequent_as_among_the_people_of_its_ward() -> None:
    houses = ("Số 1 phố Huế", "Số 1 phố Huế", "Số 2 phố Huế")
    people = [
        {**PEOPLE[0], "person_id": f"00119000000{n}", "address": f"{house}, {ward}"}
        for n, (house, ward) in enumerate(
            [(house, "phường Ba Đình, Hà Nội") for house in houses]
            + [("Số 1 phố Huế", "phường Hải Châu, Đà Nẵng")]
        )
    ]
    with DuckDBEngine(threads=1) as engine:
        population = load(engine, raw(*people))
        table = population.frequencies(engine, "address__place_in_ward")
        found = engine.frame(f'FROM "{table}"').sort("address__place_in_ward")
        wards = engine.frame(f'FROM "{population.frequencies(engine, "address__ward")}"')
    assert [round(share, 3) for share in found["tf_address__place_in_ward"]] == [0.667, 0.333, 1.0]
    assert sorted(wards["tf_address__ward"]) == [0.25, 0.75]
