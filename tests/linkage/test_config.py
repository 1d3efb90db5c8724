"""Jobs: what a good one amounts to, and what is said about a bad one."""

import datetime as dt
import json
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import ValidationError

from linkage.config import JobConfig, RegistryDeclaration, Thresholds, json_schema, load_job
from linkage.errors import ConfigError, Problem
from linkage.resources import load_sample_generator, shipped

JOB = """\
job: test
purpose: to test
reference_date: 2026-10-01
population:
  source: {path: data/people.parquet, as_of: 2026-10-01}
  columns: {person_id: so, full_name: ten, birth_date: sinh}
registries:
  sim:
    source: {path: data/sims.csv}
    columns: {record_id: ma, phone: so, full_name: ten}
output: {path: ../out}
"""
OWN = """\
registry: club
fields:
  full_name: {type: person_name, required: true}
  birth_date: {type: birth_date}
  joined: {type: date}
holds: 2
opened_on: joined
link:
  exact: [[full_name, birth_date]]
  block: [[full_name.given, birth_date.year]]
"""


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files; the first one is the job."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), "utf-8")
    return folder / next(iter(files))


def problems(folder: Path, job: str, **others: str) -> list[Problem]:
    files = {"job.yaml": job, **{f"registries/{k}.yaml": v for k, v in others.items()}}
    with pytest.raises(ConfigError) as caught:
        load_job(write(folder, files))
    assert caught.value.exit_code == 2
    return list(caught.value.problems)


def only(folder: Path, job: str, **others: str) -> Problem:
    (problem,) = problems(folder, job, **others)
    return problem


# --- what a good job amounts to -------------------------------------------------------------------


def test_paths_are_relative_to_the_file_that_says_them(tmp_path: Path) -> None:
    job = load_job(write(tmp_path, {"jobs/job.yaml": JOB}))
    assert job.path == tmp_path / "jobs/job.yaml"
    assert job.config.population.source.path == tmp_path / "jobs/data/people.parquet"
    assert job.config.registries["sim"].source.path == tmp_path / "jobs/data/sims.csv"
    assert job.config.output.path == tmp_path / "out"


def test_the_persons_key_serves_as_identity_number(tmp_path: Path) -> None:
    job = load_job(write(tmp_path, {"job.yaml": JOB}))
    assert job.config.population.columns["personal_id"] == "so"


def test_defaults_are_those_of_the_contract(tmp_path: Path) -> None:
    config = load_job(write(tmp_path, {"job.yaml": JOB})).config
    assert config.reference_date == dt.date(2026, 10, 1)
    assert (config.engine.name, config.engine.memory_limit) == ("duckdb", "4GB")
    assert (config.output.formats, config.output.mask) == (["parquet"], False)


def test_the_shipped_sample_job_loads() -> None:
    job = load_job(shipped("configs", "sample.yaml"))
    assert list(job.registries) == ["driver_licence", "health_insurance", "vehicle", "sim"]
    assert (
        job.registries["sim"].rules.items()
        >= {
            "CONSECUTIVE_BLOCK": {"min_numbers": 10, "within_days": 3},
            "BORROWED_ID": {},
            "NUMBER_OF_NOBODY": {},
            "HOLDER_DECEASED": {},
            "OVER_LIMIT": {"ask_from": 4, "verify_from": 10},
        }.items()
    )


def test_a_job_changes_thresholds_and_rules_of_a_declaration(tmp_path: Path) -> None:
    changes = """\
        link: {thresholds: {link: 0.995}}
        rules: {OVER_LIMIT: {ask_from: 6}, BORROWED_ID: false, CONSECUTIVE_BLOCK: true}
    """
    text = JOB.replace("output:", textwrap.indent(textwrap.dedent(changes), "    ") + "output:")
    sim = load_job(write(tmp_path, {"job.yaml": text})).registries["sim"]
    assert sim.link.thresholds == Thresholds(link=0.995, review=0.05, margin=3.0)
    assert sim.rules["OVER_LIMIT"] == {"ask_from": 6, "verify_from": 10}
    assert sim.rules["CONSECUTIVE_BLOCK"] == {"min_numbers": 10, "within_days": 3}
    assert "BORROWED_ID" not in sim.rules


@pytest.mark.parametrize("place", ["jobs/registries/club.yaml", "registries/club.yaml"])
def test_a_registry_is_one_more_file_beside_the_job(tmp_path: Path, place: str) -> None:
    job = JOB.replace("  sim:", "  club:").replace("record_id: ma, phone: so, ", "")
    loaded = load_job(write(tmp_path, {"jobs/job.yaml": job, place: OWN}))
    assert loaded.registries["club"].holds == 2
    assert loaded.registries["club"].link.block == [["full_name.given", "birth_date.year"]]


def test_an_own_declaration_goes_before_the_shipped_one(tmp_path: Path) -> None:
    own = OWN.replace("club", "sim")
    job = JOB.replace("record_id: ma, phone: so, ", "")
    loaded = load_job(write(tmp_path, {"job.yaml": job, "registries/sim.yaml": own}))
    assert loaded.registries["sim"].holds == 2


@pytest.mark.parametrize("place", ["registries/models/club.json", "models/club.json"])
def test_a_model_lies_beside_its_declaration_or_one_up(tmp_path: Path, place: str) -> None:
    job = JOB.replace("  sim:", "  club:").replace("record_id: ma, phone: so, ", "")
    own = OWN + "  model: models/club.json\n"
    files = {"job.yaml": job, "registries/club.yaml": own, place: "{}"}
    assert load_job(write(tmp_path, files)).model_paths["club"] == tmp_path / place


def test_a_mapping_and_a_model_make_the_same_job_as_a_file(tmp_path: Path) -> None:
    job = load_job(write(tmp_path, {"job.yaml": JOB}))
    mapping = {**job.config.model_dump(exclude_unset=True)}
    mapping["population"]["columns"].pop("personal_id")
    assert load_job(mapping).registries == job.registries
    assert load_job(JobConfig.model_validate(mapping)).config == load_job(mapping).config


def test_the_hash_is_that_of_the_effective_configuration(tmp_path: Path) -> None:
    here = load_job(write(tmp_path / "a", {"job.yaml": JOB}))
    moved = load_job(write(tmp_path / "b", {"job.yaml": "# moved\n" + JOB}))
    other = load_job(write(tmp_path / "c", {"job.yaml": JOB.replace("to test", "else")}))
    assert here.config_hash == moved.config_hash != other.config_hash


def test_credentials_from_the_environment_stay_out_of_what_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINKAGE_TEST_SECRET", "hush")
    job = load_job(
        write(
            tmp_path, {"job.yaml": JOB.replace("data/sims.csv", "'${LINKAGE_TEST_SECRET}/s.csv'")}
        )
    )
    assert job.config.registries["sim"].source.path == tmp_path / "hush/s.csv"
    assert "hush" not in str(job.written)


def test_configurations_are_frozen() -> None:
    with pytest.raises(ValidationError):
        Thresholds().link = 0.5  # type: ignore[misc]


# --- what is said about a bad one -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "line", "message", "hint"),
    [
        ("purpose:", "purposse:", 2, "unknown key 'purposse'", "did you mean 'purpose'?"),
        ("path: data/sims", "pth: data/sims", 9, "unknown key 'pth'", "did you mean 'path'?"),
        ("phone: so", "fone: so", 10, "'fone' is not a standard field", "did you mean 'phone'?"),
        ("  sim:", "  simm:", 8, "no registry declaration 'simm'", "did you mean 'sim'?"),
    ],
)
def test_unknown_names_are_placed_with_the_nearest_valid_one(
    tmp_path: Path, old: str, new: str, line: int, message: str, hint: str
) -> None:
    found = problems(tmp_path, JOB.replace(old, new))
    matching = [problem for problem in found if message in problem.message]
    assert [problem.hint for problem in matching] == [hint]
    assert f"job.yaml:{line}: " in matching[0].place


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("purpose: to test", "purpose: ' '", "what the job is for"),
        ("2026-10-01\npop", "20261001\npop", "a date"),
        ("2026-10-01\npop", "2026-02-30\npop", "a date"),
        ("{path: ../out}", "{path: ../out, mask: yes}", "true or false"),
        ("{path: ../out}", "{path: ../out, formats: [xlsx]}", "parquet | csv"),
        ("{path: ../out}", "{path: ../out, formats: []}", "at least one entry"),
        ("{path: ../out}", "../out", "key: value pairs"),
        ("data/sims.csv}", "data/sims.csv, delimiter: ;;}", "one ASCII character"),
        ("data/sims.csv}", "data/sims.csv, encoding: klingon}", "tcvn3"),
        ("data/sims.csv}", "data/sims.csv, format: xls}", "auto | csv | parquet | arrow"),
        ("output", "engine: {threads: 0}\noutput", "greater than 0"),
        ("output", "engine: {threads: true}\noutput", "a whole number"),
        ("output", "engine: {memory_limit: lots}\noutput", "4GB"),
        ("output", "engine: {name: duck}\noutput", "duckdb"),
        ("so, full_name: ten}\noutput", "so}\noutput", "full_name: <column of the source>"),
    ],
)
def test_wrong_values_are_told_what_was_expected(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    assert old in JOB
    assert expected in str(only(tmp_path, JOB.replace(old, new)).expected)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("link: {thresholds: {link: 0.01}}", "review threshold lies above"),
        ("link: {thresholds: {link: 1.5}}", "does not fit"),
        ("link: {thresholds: {link_down_to: 0.9999}}", "cannot go down to"),
        ("link: {block: [[full_name.gven]]}", "is not a key of the field type 'person_name'"),
        ("link: {block: [[phone]]}", "the population register has no field 'phone'"),
        ("link: {exact: [[full_name.given]]}", "is not a key"),
        ("link: {model: models/none.json}", "no such model file"),
        ("rules: {OVER_LIMT: {}}", "unknown rule 'OVER_LIMT'"),
        ("rules: {OVER_LIMIT: {ask_form: 3}}", "no parameter 'ask_form'"),
        ("rules: {OVER_LIMIT: {ask_from: '3'}}", "wrong type"),
        ("rules: {OVER_LIMIT: {ask_from: true}}", "wrong type"),
        ("rules: {OVER_LIMIT: off}", "neither parameters nor a switch"),
    ],
)
def test_overrides_are_checked_where_the_job_says_them(
    tmp_path: Path, change: str, message: str
) -> None:
    problem = only(tmp_path, JOB.replace("output:", f"    {change}\noutput:"))
    assert message in problem.message
    assert "job.yaml:11: registries.sim." in problem.place


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("type: date}", "type: dat}", "unknown field type 'dat'"),
        ("registry: club", "registry: clubb", "not that of the file"),
        ("holds: 2", "holds: 0", "not a number of records"),
        ("holds: 2", "holds: few", "not a number of records"),
        ("holds: 2", "holds: 2\nholds_by: nummer", "'nummer' is not a field"),
        ("opened_on: joined", "opened_on: full_name", "the field is no date"),
        ("[[full_name.given, birth_date.year]]", "[[joined]]", "has no field 'joined'"),
        ("[[full_name.given, birth_date.year]]", "[[]]", "does not fit"),
    ],
)
def test_declarations_are_checked_where_they_say_it(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    job = JOB.replace("  sim:", "  club:").replace("record_id: ma, phone: so, ", "")
    problem = only(tmp_path, job, club=OWN.replace(old, new))
    assert message in problem.message
    assert "club.yaml:" in problem.place


def test_everything_that_is_wrong_is_said_at_once_from_top_to_bottom(tmp_path: Path) -> None:
    bad = JOB.replace("purpose: to test", "purpose: 3").replace("person_id: so", "person: so")
    bad = bad.replace("phone: so", "fone: so").replace("path: ../out", "path: 1")
    found = problems(tmp_path, bad)
    lines = [int(problem.place.split("job.yaml:")[1].split(":")[0]) for problem in found]
    assert lines == [2, 6, 6, 10, 11]


def test_messages_show_variables_by_name_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINKAGE_TEST_SECRET", "hush")
    problem = only(tmp_path, JOB.replace("purpose: to test", "purpose: to test").replace(
        "data/sims.csv}", "data/sims.csv, format: '${LINKAGE_TEST_SECRET}'}"))  # fmt: skip
    assert problem.found == "${LINKAGE_TEST_SECRET}"
    assert "hush" not in str(problem)


def test_a_missing_job_file_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    write(tmp_path, {"sample.yaml": JOB})
    with pytest.raises(ConfigError, match=r"did you mean 'sample\.yaml'"):
        load_job(tmp_path / "sampel.yaml")


@pytest.mark.parametrize("text", ["", "- 1\n", "job\n"])
def test_a_file_that_is_no_mapping_is_no_job(tmp_path: Path, text: str) -> None:
    assert only(tmp_path, text).message == "this is not a job"


def test_names_of_registries_are_no_paths(tmp_path: Path) -> None:
    found = problems(tmp_path, JOB.replace("  sim:", "  ../sim:"))
    assert "no registry declaration" in found[0].message


# --- schema and shipped files ---------------------------------------------------------------------


def test_the_schema_lists_types_rules_and_parameters() -> None:
    schema = json_schema()
    definitions = schema["$defs"]
    assert "vaccination" not in json.dumps(schema)
    assert "insurance_card" in definitions["FieldDeclaration"]["properties"]["type"]["enum"]
    rule = definitions["RegistryDeclaration"]["properties"]["rules"]["properties"]["OVER_LIMIT"]
    assert rule["anyOf"][1]["properties"]["ask_from"] == {"type": "integer", "default": 4}
    assert definitions["JobConfig"]["additionalProperties"] is False


@pytest.mark.parametrize("name", ["sim", "driver_licence", "health_insurance", "vehicle"])
def test_shipped_declarations_are_named_like_their_files(name: str) -> None:
    job = load_job(shipped("configs", "sample.yaml"))
    declaration = job.registries[name]
    assert isinstance(declaration, RegistryDeclaration)
    assert declaration.registry == name
    assert declaration.opened_on in declaration.fields
    assert set(declaration.title) == {"en", "vi"}


def test_what_does_not_ship_is_an_error() -> None:
    with pytest.raises(ConfigError, match="does not ship"):
        shipped("configs", "nothing.yaml")


def test_the_sample_generator_is_found(tmp_path: Path) -> None:
    generate = load_sample_generator()
    generate(tmp_path, 200, 1)
    assert (tmp_path / "population.parquet").is_file()
