"""Training: weights of every level, from the data and a seed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from linkage.errors import ConfigError
from linkage.link.model import load_model
from linkage.link.starts import STARTS
from linkage.link.train import SAME_OPTIMUM, Trained, as_frame
from linkage.resources import shipped
from linkage.training import train_models, write_models
from tests.linkage.tables import Row, job, sources

DEFAULT = shipped("configs", "models", "default.json")

FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Vũ", "Đặng", "Bùi")
MIDDLES = ("Văn", "Thị", "Ngọc", "Quốc", "Thu")
GIVEN = ("Lan", "Bảo", "Hải", "Nhung", "Minh", "Phương", "Hùng", "Mai", "Tú", "Khoa", "Yến")
WARDS = ("Ba Đình, Hà Nội", "Hải Châu, Đà Nẵng", "Sài Gòn, TP. Hồ Chí Minh")
PEOPLE: tuple[Row, ...] = tuple(
    {
        "person_id": f"0010{60 + n % 40}{n:06}",
        "full_name": f"{FAMILIES[n % 7]} {MIDDLES[n % 5]} {GIVEN[n % 11]}",
        "birth_date": f"{1960 + n % 40}-{1 + n % 12:02}-{2 + n % 26:02}",
        "address": f"Số {n} đường Lê Lợi, phường {WARDS[n % 3]}",
    }
    for n in range(150)
)


def vehicles() -> list[Row]:
    """A vehicle each; every tenth number with its last two digits swapped or changed."""
    rows: list[Row] = []
    for n, person in enumerate(PEOPLE):
        number = str(person["person_id"])
        if n % 10 == 3:
            number = number[:-1] + str((int(number[-1]) + 1) % 10)
        name = str(person["full_name"])
        rows.append(
            {
                "record_id": f"v{n}",
                "full_name": name.replace("ễ", "ê") if n % 8 == 0 else name,
                "personal_id": number,
                "address": person["address"],
            }
        )
    return rows


def train(seed: int) -> Trained:
    given = sources({"vehicle": vehicles()}, PEOPLE)
    found = train_models(job("vehicle"), sources=given, seed=seed, allow_unseen=True)
    return found["vehicle"]


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train(1)


def test_every_level_has_weights_that_are_probabilities(trained: Trained) -> None:
    for compared in trained.comparisons:
        levels = trained.weights[compared.name]
        scored = [level.label for level in compared.comparison.levels if not level.is_null]
        assert list(levels) == scored
        for m, u in levels.values():
            assert 0 < m <= 1
            assert 0 < u <= 1
        assert sum(m for m, _ in levels.values()) == pytest.approx(1)


def test_agreement_speaks_for_and_difference_against_one_person(trained: Trained) -> None:
    for name, agrees in (("full_name", "same name"), ("personal_id", "same number")):
        (for_it, by_accident), (m, u) = (
            trained.weights[name][agrees],
            trained.weights[name]["differ"],
        )
        assert for_it > by_accident
        assert m < u


def test_the_chance_of_sharing_a_number_is_known_and_not_sampled(trained: Trained) -> None:
    assert trained.weights["personal_id"]["same number"][1] == 1e-7


def test_a_level_that_no_pair_showed_is_named_and_says_nothing(trained: Trained) -> None:
    assert "full_name: other order" in trained.unseen
    m, u = trained.weights["full_name"]["other order"]
    assert m == pytest.approx(u, rel=0.05)


def test_true_pairs_are_no_accidents(trained: Trained) -> None:
    """Of 150 x 150 pairs, the 150 of one person are left out."""
    assert trained.provenance["pairs_for_u"] == 150 * 150 - 150
    assert (trained.provenance["records"], trained.provenance["people"]) == (150, 150)


def test_the_same_data_and_seed_give_the_same_weights(trained: Trained) -> None:
    again = train(1)
    assert again.weights == trained.weights
    assert again.provenance == trained.provenance


def test_the_provenance_tells_where_each_start_led(trained: Trained) -> None:
    starts = trained.provenance["starts"]
    assert len(starts) == STARTS
    for start in starts:
        assert set(start) == {"likelihood", "rounds", "largest_difference"}
        assert start["rounds"] >= 1
    assert min(start["largest_difference"] for start in starts) == 0


def test_the_likeliest_start_is_kept_and_all_come_to_the_same(trained: Trained) -> None:
    starts = trained.provenance["starts"]
    best = max(starts, key=lambda start: start["likelihood"])
    assert best["largest_difference"] <= SAME_OPTIMUM
    assert max(start["largest_difference"] for start in starts) <= SAME_OPTIMUM


def test_the_provenance_tells_the_share_of_holders_in_the_register(trained: Trained) -> None:
    """All 150 have a person, and the prior counts as twenty records."""
    assert 0.98 < trained.provenance["share_in_register"] < 1


def test_levels_that_were_never_seen_stop_the_training() -> None:
    given = sources({"vehicle": vehicles()}, PEOPLE)
    with pytest.raises(ConfigError, match="--allow-unseen") as refused:
        train_models(job("vehicle"), sources=given)
    assert "vehicle: full_name: other order" in str(refused.value)


@pytest.fixture(scope="module")
def folder(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("models")
    write_models({"vehicle": trained}, found, note="literal")
    return found


def test_a_written_model_is_one_that_loads(trained: Trained, folder: Path) -> None:
    fields = {c.field: c.comparison.name for c in trained.comparisons if c.first}
    model = load_model(folder / "vehicle.json", DEFAULT, fields, 150)
    assert model.weights == trained.weights


def test_a_written_model_says_where_it_comes_from(folder: Path) -> None:
    told = json.loads((folder / "vehicle.json").read_text(encoding="utf-8"))["provenance"]
    assert (told["data"], told["records"], told["seed"]) == ("literal", 150, 1)


def test_the_default_model_serves_fields_of_other_names(trained: Trained, folder: Path) -> None:
    path = folder / "default.json"
    model = load_model(path, path, {"owner": "person_name", "number": "personal_id"}, 150)
    assert model.weights["owner"] == trained.weights["full_name"]


def test_a_default_model_refuses_what_it_was_not_trained_on(folder: Path) -> None:
    # Vehicle papers carry no birth date.
    path = folder / "default.json"
    with pytest.raises(ConfigError, match="'birth_date'"):
        load_model(path, path, {"birth_date": "birth_date"}, 150)


def test_weights_can_be_looked_at_as_a_frame(trained: Trained) -> None:
    frame = as_frame(trained)
    assert frame.columns == ["comparison", "level", "m", "u", "weight"]
    assert frame.height == sum(len(levels) for levels in trained.weights.values())
