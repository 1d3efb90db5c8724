"""Pairing: which field of a registry is compared with which of the population."""

from __future__ import annotations

import polars as pl
import pytest

from linkage.clean import clean_frame
from linkage.config.models import FieldDeclaration
from linkage.link.pairing import pair_fields
from tests.linkage.tables import context

PEOPLE = {
    "full_name": "person_name",
    "birth_date": "birth_date",
    "personal_id": "personal_id",
    "address": "address",
}


def test_fields_pair_by_name() -> None:
    registry = {"address": "address", "full_name": "person_name", "other_name": "person_name"}
    assert pair_fields(registry, PEOPLE).own == {"full_name": "full_name", "address": "address"}


def test_a_field_of_another_name_pairs_where_it_is_the_only_one_of_its_type() -> None:
    assert pair_fields({"owner": "person_name"}, PEOPLE).own == {"full_name": "owner"}


def test_two_fields_of_one_type_and_other_names_do_not_pair() -> None:
    registry = {"owner": "person_name", "driver": "person_name"}
    assert pair_fields(registry, PEOPLE).own == {}


def test_a_field_of_the_same_name_and_another_type_does_not_pair() -> None:
    assert pair_fields({"address": "text"}, PEOPLE).own == {}


def test_no_field_is_paired_twice() -> None:
    people = {"full_name": "person_name", "birth_name": "person_name"}
    own = pair_fields({"full_name": "person_name"}, people).own
    assert own == {"full_name": "full_name"}


def test_types_are_those_of_the_paired_fields() -> None:
    pairing = pair_fields({"owner": "person_name"}, PEOPLE)
    assert pairing.types == {"full_name": "person_name"}


def test_a_field_that_is_only_blocked_on_is_not_compared() -> None:
    pairing = pair_fields(
        {"phone": "phone", "full_name": "person_name"}, {**PEOPLE, "phone": "phone"}
    )
    assert pairing.compared == {"full_name": "person_name"}


@pytest.mark.parametrize(
    ("key", "column"),
    [
        ("owner", "full_name__fold"),
        ("owner.given", "full_name__given"),
        ("personal_id", "personal_id__numbers"),
        ("personal_id.tail", "personal_id__tail"),
        ("birth_date", "birth_date__value"),
        ("birth_date.year", "birth_date__year"),
        ("address.ward", "address__wards"),
        ("address.province", "address__provinces"),
        ("address.detail", "address__places"),
        ("address.house", "address__houses"),
        ("plate", None),
    ],
)
def test_a_key_names_a_feature(key: str, column: str | None) -> None:
    registry = {**PEOPLE, "owner": "person_name", "plate": "plate"}
    del registry["full_name"]
    assert pair_fields(registry, PEOPLE).key_column(key) == column


def test_features_of_a_registry_carry_the_names_of_the_population() -> None:
    fields = {
        "owner": FieldDeclaration(type="person_name"),
        "plate": FieldDeclaration(type="plate"),
    }
    raw = pl.DataFrame(
        {"row": [1], "record_id": ["a"], "owner": ["Vũ Văn Minh"], "plate": ["30A-123.45"]}
    )
    pairing = pair_fields({name: f.type for name, f in fields.items()}, PEOPLE)
    found = pairing.record_features(clean_frame(raw, fields, context()))
    assert found["full_name__fold"].to_list() == ["vu van minh"]
    assert {name.partition("__")[0] for name in found.columns} == {"idx", "full_name"}


def test_every_key_of_a_field_type_names_a_feature_that_exists() -> None:
    from linkage.features import features_of
    from linkage.fields import FIELD_TYPES

    fields = {
        name: FieldDeclaration(type=name) for name, type_ in FIELD_TYPES.items() if type_.comparison
    }
    raw = pl.DataFrame({"row": [1], "record_id": ["a"]})
    cleaned = clean_frame(raw, fields, context())
    types = {name: name for name in fields}
    features = set(cleaned.select(features_of(types)).columns)
    pairing = pair_fields(types, types)
    for name in fields:
        for key in FIELD_TYPES[name].keys:
            assert pairing.key_column(f"{name}.{key}" if key else name) in features
