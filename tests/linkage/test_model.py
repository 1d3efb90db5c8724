"""Models: weights as data; a file that does not fit is refused."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from linkage.errors import ConfigError
from linkage.link.comparisons import COMPARISONS
from linkage.link.model import FieldComparison, comparisons_of, load_model
from linkage.resources import shipped

DEFAULT = shipped("configs", "models", "default.json")
FIELDS = {"full_name": "person_name", "birth_date": "birth_date"}

Content = dict[str, Any]


def content() -> Content:
    """A registry's own model with the default's weights, to be changed."""
    found: Content = json.loads(DEFAULT.read_text(encoding="utf-8"))
    weights = found["weights"]
    own = {c.name: weights[c.comparison.name] for c in comparisons_of(FIELDS)}
    return {**found, "weights": own}


def written(folder: Path, changed: object) -> Path:
    path = folder / "own.json"
    path.write_text(json.dumps(changed), encoding="utf-8")
    return path


def refusal(path: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load_model(path, DEFAULT, FIELDS, 1000)
    return caught.value


UNTRAINED = {"name_words", "words", "code", "choice"}
"""Comparisons of anything, in any country: no weights of theirs hold everywhere."""


@pytest.mark.parametrize("name", sorted(UNTRAINED))
def test_what_may_be_anything_has_no_default_weights(name: str) -> None:
    with pytest.raises(ConfigError, match="linkage train"):
        load_model(DEFAULT, DEFAULT, {name: name}, 1000)


def test_the_default_model_has_weights_for_every_other_comparison() -> None:
    fields = {name: name for name in COMPARISONS if name not in UNTRAINED}
    model = load_model(DEFAULT, DEFAULT, fields, 1000)
    for compared in model.comparisons:
        scored = {level.label for level in compared.comparison.levels if not level.is_null}
        assert set(model.weights[compared.name]) == scored


def test_a_model_that_lacks_a_level_is_refused(tmp_path: Path) -> None:
    changed = content()
    del changed["weights"]["full_name"]["abbreviated"]
    error = str(refusal(written(tmp_path, changed)))
    assert "'full_name'" in error
    assert "'abbreviated'" in error
    assert "linkage train" in error


@pytest.mark.parametrize("pair", [{"m": 0.9}, 0.9, None, {}])
def test_a_level_without_m_and_u_is_refused(tmp_path: Path, pair: object) -> None:
    changed = content()
    changed["weights"]["birth_date"]["same date"] = pair
    assert "'same date'" in str(refusal(written(tmp_path, changed)))


@pytest.mark.parametrize("m", [0, -0.1, 1.5, "0.9", None, math.nan])
def test_a_weight_that_is_no_probability_is_refused(tmp_path: Path, m: object) -> None:
    changed = content()
    changed["weights"]["birth_date"]["same date"]["m"] = m
    assert "'same date'" in str(refusal(written(tmp_path, changed)))


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_a_model_of_another_version_is_refused(tmp_path: Path, version: object) -> None:
    error = refusal(written(tmp_path, {**content(), "model_version": version}))
    assert "not a model of this version" in str(error)


@pytest.mark.parametrize("text", ["", "{", "[]", '"a"', "[1]"])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "own.json"
    path.write_text(text, encoding="utf-8")
    assert "own.json" in str(refusal(path))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in str(refusal(tmp_path / "none.json"))


def test_a_model_that_lacks_a_comparison_is_refused(tmp_path: Path) -> None:
    own = content()
    del own["weights"]["birth_date"]
    assert "no weights for 'birth_date'" in str(refusal(written(tmp_path, own)))


def test_a_model_is_known_by_its_file_and_content(tmp_path: Path) -> None:
    one = load_model(DEFAULT, DEFAULT, FIELDS, 1000)
    changed = content()
    changed["weights"]["birth_date"]["same date"]["m"] = 0.5
    two = load_model(written(tmp_path, changed), DEFAULT, FIELDS, 1000)
    assert (one.source, two.source) == ("default.json", "own.json")
    assert one.sha256 != two.sha256


def test_the_prior_follows_the_size_of_the_register() -> None:
    small, large = (load_model(DEFAULT, DEFAULT, FIELDS, people) for people in (1_000, 8_000))
    assert small.prior == pytest.approx(0.9 / 1_000)
    assert small.prior_weight - large.prior_weight == pytest.approx(3, abs=0.01)


@pytest.mark.parametrize("people", [0, 1])
def test_the_prior_of_a_tiny_register_is_no_certainty(people: int) -> None:
    assert load_model(DEFAULT, DEFAULT, FIELDS, people).prior == 0.5


def test_gammas_count_down_from_the_best_level_to_zero() -> None:
    for compared in comparisons_of({name: name for name in COMPARISONS}):
        scored = [level.label for level in compared.comparison.levels if not level.is_null]
        assert [compared.gamma(label) for label in scored] == list(reversed(range(len(scored))))


def test_a_second_comparison_of_a_field_has_its_own_name() -> None:
    names = [compared.name for compared in comparisons_of({"owner": "person_name"})]
    assert names == ["owner", "owner_tones"]


def test_a_condition_names_the_field() -> None:
    compared = FieldComparison("owner", COMPARISONS["person_name"][0], first=True)
    for level in compared.comparison.levels:
        assert "{f}" not in compared.sql(level)


def test_full_agreement_adds_all_comparisons_of_the_field() -> None:
    model = load_model(DEFAULT, DEFAULT, FIELDS, 1000)
    name, tones = model.weights["full_name"]["same name"], model.weights["full_name_tones"]
    expected = math.log2(name[0] / name[1]) + math.log2(
        tones["same tone marks"][0] / tones["same tone marks"][1]
    )
    assert model.agreement_weight("full_name") == pytest.approx(expected)


def test_settings_hold_every_level_with_its_weights() -> None:
    model = load_model(DEFAULT, DEFAULT, FIELDS, 1000)
    for comparison in model.settings()["comparisons"]:
        levels = comparison["comparison_levels"]
        assert levels[0]["is_null_level"] is True
        for level in levels[1:]:
            assert level["m_probability"] > 0
            assert level["u_probability"] > 0


def test_only_the_population_gives_frequencies_of_names_and_wards() -> None:
    model = load_model(DEFAULT, DEFAULT, {**FIELDS, "address": "address"}, 1000)
    assert model.frequencies() == (
        "full_name__fold",
        "address__ward",
        "address__written_place",
        "address__written_ward",
        "address__place_in_ward",
        "address__house_in_ward",
    )


@pytest.mark.parametrize("name", ["sim", "driver_licence", "health_insurance", "vehicle"])
def test_the_shipped_models_fit_the_code(name: str) -> None:
    fields = {"full_name": "person_name", "personal_id": "personal_id", "address": "address"}
    if name != "vehicle":
        fields |= {"birth_date": "birth_date"}
    path = shipped("configs", "models", f"{name}.json")
    model = load_model(path, DEFAULT, fields, 1000)
    for field in fields:
        assert model.agreement_weight(field) > 0
