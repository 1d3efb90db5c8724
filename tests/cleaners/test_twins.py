"""Scalar verbs and their expression twins agree: on examples, on near misses, on any text."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaners import phones
from cleaners.errors import CleanerError, ComponentError, FormatError
from cleaners.identifiers import SCHEMES, licence_class
from cleaners.identifiers.protocol import Identifier

EXAMPLES = {
    "personal_number": ["001190012345", "079 300 123-456", "295399999999", "999190012345"],
    "personal_id": ["001190012345", "'001.190.012345", "OO1190012345", "123456789012"],
    "cmnd": ["011987654", "184-000-123", "095123456", "230123456", "271450001", "000123456"],
    "passport": ["B1234567", "c 12345678", "AB123456", "123456789", "X000000", "ABC123456D"],
    "licence_number": ["790051234567", "01-115 1234567", "130051234567", "799051234567"],
    "insurance_number": ["7912345678", "01 2345 6789", "0000000000", "791234567"],
    "insurance_card": [
        "GD4797912345678",
        "hs 4 01 0123456789",
        "QN5970123456789",
        "GD4790000000000",
    ],
    "plate": [
        *("30A-123.45", "29-B1 123.45", "29-MĐ1 123.45", "29mđ12345", "32-D2 7085", "30A1234"),
        *("KC-12-34", "80-123-NG-01", "80123QT123", "99Z1234", "29LD12345"),
    ],
    "chassis": ["RLHJF1234BY005678", "rlhjf 1234by-005678", "RLHJFI234BY005678", "C50-123456"],
    "engine": ["JF66E-9250952", "5c64 1965361", "1NZ-3683490", "12345678901", "A1BCD"],
    "tax_code": ["0100233488", "0314409058-002", "0314409058-000", "0100233489", "2222222222"],
    "licence_class": ["A1", "b 2", "FC", "C1E", "D", "Z9", "B1"],
    "phones": ["0901234567", "+84 90 123 4567", "02438251234", "01621234567", "113"],
}
MODULES: dict[str, Identifier] = {
    **SCHEMES,
    "licence_class": licence_class,
    "phones": phones,
}
ALL = [value for values in EXAMPLES.values() for value in values]
SIGNS = "0123456789ABCOILQĐđabcol -.,_/'+=\t\n\r\u00a0\u200b\u2013１２Ａａ٣²ßıſŉ"
each_module = pytest.mark.parametrize("name", list(MODULES))


@st.composite
def near_misses(draw: st.DrawFn) -> str:
    """An example with a few characters put in, taken out or replaced."""
    text = draw(st.sampled_from(ALL))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(text)))
        width = draw(st.integers(0, 1))
        text = text[:place] + draw(st.text(SIGNS, max_size=1)) + text[place + width :]
    return text


TEXTS = st.lists(
    st.one_of(
        st.sampled_from(ALL),
        near_misses(),
        st.text(max_size=18),
        st.text(SIGNS, max_size=18),
        st.from_regex("[0-9]{8,15}", fullmatch=True),
    ),
    min_size=12,
    max_size=40,
)
# A twin costs the same for one value as for forty: few examples, each a long column.
few_columns = settings(max_examples=9)


def scalar(module: Identifier, verb: str, text: str) -> Any:
    """What a scalar verb gives; None for its own errors."""
    try:
        done = getattr(module, verb)(text)
    except (FormatError, ComponentError):
        return None
    return done._asdict() if verb == "parse" else done


def column(module: Identifier, twin: str, texts: list[str | None]) -> list[Any]:
    """What a twin gives; None for a struct of nulls."""
    frame = pl.DataFrame({"x": texts}, schema={"x": pl.String})
    done = frame.select(getattr(module, twin)("x")).to_series().to_list()
    if twin == "parsed":
        return [None if set(map(str, row.values())) == {"None"} else row for row in done]
    return done


TWINS = {
    "compact": "compacted",
    "validate": "validated",
    "is_valid": "valid",
    "format": "formatted",
    "parse": "parsed",
}


def assert_twins_agree(module: Identifier, texts: list[str]) -> None:
    for verb, twin in TWINS.items():
        expected = [scalar(module, verb, text) for text in texts]
        assert column(module, twin, list(texts)) == expected, verb


def test_every_scheme_has_examples() -> None:
    assert set(SCHEMES) < set(EXAMPLES)


@each_module
def test_twins_agree_on_every_example(name: str) -> None:
    assert_twins_agree(MODULES[name], ALL)


@each_module
def test_some_examples_are_valid_and_some_are_not(name: str) -> None:
    assert {MODULES[name].is_valid(text) for text in ALL} == {True, False}


@each_module
@few_columns
@given(texts=TEXTS)
def test_twins_agree_on_near_misses_and_on_any_text(name: str, texts: list[str]) -> None:
    assert_twins_agree(MODULES[name], texts)


@each_module
@few_columns
@given(texts=TEXTS)
def test_the_laws_of_the_verbs(name: str, texts: list[str]) -> None:
    module = MODULES[name]
    for text in texts:
        compact = module.compact(text)
        assert module.compact(compact) == compact
        assert module.is_valid(compact) == module.is_valid(text)
        if not module.is_valid(text):
            with pytest.raises(CleanerError, match=r"expected .* found .* try:"):
                module.validate(text)
            continue
        assert module.validate(compact) == module.validate(text) == compact
        assert module.compact(module.format(text)) == compact
        assert module.format(module.format(text)) == module.format(text)
        assert module.parse(compact) == module.parse(text)


@each_module
@few_columns
@given(texts=TEXTS)
def test_cleaning_keeps_what_is_valid(name: str, texts: list[str]) -> None:
    module = MODULES[name]
    good = [module.compact(text) for text in texts if module.is_valid(text)]
    frame = pl.DataFrame({"x": good}, schema={"x": pl.String})
    assert frame.select(module.clean("x").struct["value"]).to_series().to_list() == good


@each_module
def test_null_stays_null(name: str) -> None:
    for twin in TWINS.values():
        assert column(MODULES[name], twin, [None]) == [None], twin


@each_module
def test_an_empty_column_gives_an_empty_column(name: str) -> None:
    for twin in (*TWINS.values(), "clean"):
        assert column(MODULES[name], twin, []) == []


@each_module
def test_parsed_has_the_fields_of_parse(name: str) -> None:
    module = MODULES[name]
    example = next(text for text in ALL if module.is_valid(text))
    schema = pl.DataFrame({"x": [example]}).lazy().select(module.parsed("x")).collect_schema()
    dtype = schema["x"]
    assert isinstance(dtype, pl.Struct)
    assert tuple(dtype.to_schema()) == module.parse(example)._fields  # type: ignore[attr-defined]
