"""Thresholds in the job file: set in place, and nothing else of the file changed."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.config import load_job
from linkage.errors import ConfigError
from linkage.resources import shipped
from linkage.tuning.write import with_value, write_thresholds

VALUES = {"link": 0.9975, "review": 0.05, "margin": 3.0, "tuned_on": 20000}


@pytest.fixture
def job(tmp_path: Path) -> Path:
    path = tmp_path / "sample.yaml"
    path.write_bytes(shipped("configs", "sample.yaml").read_bytes())
    return path


def test_only_the_thresholds_change(job: Path) -> None:
    before = job.read_text(encoding="utf-8").splitlines()
    assert write_thresholds(job, {"sim": VALUES})
    after = job.read_text(encoding="utf-8").splitlines()
    added = [line for line in after if line not in before]
    assert [line for line in after if line in before] == before
    assert added == [
        "    link: {thresholds: {link: 0.9975, review: 0.05, margin: 3.0, tuned_on: 20000}}"
    ]
    assert load_job(job).registries["sim"].link.thresholds.link == 0.9975


def test_writing_again_changes_nothing(job: Path) -> None:
    assert write_thresholds(job, {"sim": VALUES, "vehicle": {"link": 0.98}})
    content, changed = job.read_bytes(), job.stat().st_mtime_ns
    assert not write_thresholds(job, {"sim": VALUES, "vehicle": {"link": 0.98}})
    assert (job.read_bytes(), job.stat().st_mtime_ns) == (content, changed)


def test_other_keys_of_the_section_stay(job: Path) -> None:
    write_thresholds(job, {"sim": VALUES})
    write_thresholds(job, {"sim": {"link": 0.999}})
    assert "{link: 0.999, review: 0.05, margin: 3.0, tuned_on: 20000}" in job.read_text("utf-8")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("r: {}", "r: {link: {thresholds: {link: 0.5}}}"),
        ("r:", "r: {link: {thresholds: {link: 0.5}}}"),
        ("r: {a: 1}", "r: {a: 1, link: {thresholds: {link: 0.5}}}"),
        ("r: {a: 1,}", "r: {a: 1, link: {thresholds: {link: 0.5}}}"),
        ("r:\n    link: null # none", "r:\n    link: {thresholds: {link: 0.5}} # none"),
        ("r:\n    link: {thresholds: {link: 0.9}}", "r:\n    link: {thresholds: {link: 0.5}}"),
        ("r:\n    link: {model: m}", "r:\n    link: {model: m, thresholds: {link: 0.5}}"),
        (
            "r:\n    link:\n      thresholds:\n        link: 0.9   # strict\n        margin: 2",
            "r:\n    link:\n      thresholds:\n        link: 0.5   # strict\n        margin: 2",
        ),
        (
            "r:\n    link:\n      thresholds:   # none\n      model: m",
            "r:\n    link:\n      thresholds: {link: 0.5}   # none\n      model: m",
        ),
        (
            "r:\n    columns:\n      a: b   # last\n  # of the next\n  s: {}",
            "r:\n    columns:\n      a: b   # last\n    link: {thresholds: {link: 0.5}}\n"
            "  # of the next\n  s: {}",
        ),
        (
            "r:\n    note: |\n      text\n      text\n  s: {}",
            "r:\n    link: {thresholds: {link: 0.5}}\n    note: |\n      text\n      text\n  s: {}",
        ),
    ],
)
def test_every_usual_layout_is_kept(before: str, after: str) -> None:
    whole = "# head\nregistries:\n  {}\n# foot\n"
    expected = whole.replace("{}", after, 1).replace("1,, ", "1, ")
    found = with_value(whole.replace("{}", before, 1), ("r", "link"), 0.5)
    assert found.replace("},}", "}}") == expected or found == expected
    section = yaml.safe_load(found)["registries"]["r"]["link"]["thresholds"]
    assert section["link"] == 0.5


def test_line_ends_and_byte_order_marks_stay(job: Path) -> None:
    content = b"\xef\xbb\xbf" + job.read_bytes().replace(b"\n", b"\r\n")
    job.write_bytes(content)
    write_thresholds(job, {"sim": VALUES})
    after = job.read_bytes()
    assert after.startswith(b"\xef\xbb\xbf#")
    assert after.count(b"\n") == after.count(b"\r\n") == content.count(b"\r\n") + 1


def test_permissions_stay(job: Path) -> None:
    job.chmod(0o640)
    write_thresholds(job, {"sim": VALUES})
    assert stat.S_IMODE(job.stat().st_mode) == 0o640


def test_a_link_to_a_file_stays_a_link(job: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.yaml"
    link.symlink_to(job)
    write_thresholds(link, {"sim": VALUES})
    assert link.is_symlink()
    assert "0.9975" in job.read_text("utf-8")


def test_a_file_that_changed_is_refused(job: Path) -> None:
    content = job.read_bytes()
    with pytest.raises(ConfigError, match="has changed"):
        write_thresholds(job, {"sim": VALUES}, sha256="0" * 64)
    assert job.read_bytes() == content


def test_an_alias_is_refused() -> None:
    text = "x: &t {thresholds: {link: 0.9}}\nregistries:\n  r: {link: *t}\n"
    with pytest.raises(ConfigError, match="alias"):
        with_value(text, ("r", "link"), 0.5)


def test_a_shared_section_is_refused() -> None:
    text = "registries:\n  r:\n    link: &t {thresholds: {link: 0.9}}\n  s: {link: *t}\n"
    with pytest.raises(ConfigError, match="anchor"):
        with_value(text, ("r", "link"), 0.5)


def test_a_job_that_would_not_load_is_left_alone(job: Path) -> None:
    content = job.read_bytes()
    with pytest.raises(ConfigError, match="no longer load"):
        write_thresholds(job, {"sim": {"link": 0.5, "review": 0.9}})
    assert job.read_bytes() == content
    assert [path.name for path in job.parent.iterdir()] == [job.name]


# --- any layout -----------------------------------------------------------------------------------

KEYS = st.sampled_from(["columns", "source", "rules", "model", "note", "x"])
LEAVES = st.sampled_from(
    ["1", "text", "'quoted # no comment'", "[a, b]", "{}", "null", "2026-10-01"]
)


@st.composite
def blocks(draw: st.DrawFn, indent: int, depth: int, forced: str | None = None) -> str:
    """Random YAML of a mapping, in block layout, with comments and blank lines between."""
    keys = draw(st.lists(KEYS, unique=True, min_size=0 if forced else 1, max_size=3))
    lines = []
    pad = " " * indent
    for key in [*keys, *([forced] if forced else [])]:
        lines.append(draw(st.sampled_from(["", "\n", f"{pad}# a remark\n", "# far left\n"])))
        comment = draw(st.sampled_from(["", "   # why: {not yaml", " # ,"]))
        if key == forced or (depth and draw(st.booleans())):
            inner = {"r": "link", "link": "thresholds", "thresholds": "link"}.get(key or "")
            deeper = inner if key == forced and draw(st.booleans()) else None
            if key == forced and depth == 0:
                lines.append(f"{pad}{key}: {draw(st.sampled_from(['{}', '', '{margin: 2.0}']))}\n")
                continue
            body = draw(blocks(indent + 2, max(depth - 1, 0), deeper))
            lines.append(f"{pad}{key}:{comment}\n{body}")
        else:
            lines.append(f"{pad}{key}: {draw(LEAVES)}{comment}\n")
    return "".join(lines)


@settings(max_examples=150, deadline=None)
@given(blocks(2, 3, "r"), st.floats(0.5, 0.99999))
def test_whatever_the_layout_nothing_else_changes(body: str, link: float) -> None:
    text = f"# head\nregistries:\n{body}# foot\n"
    before: dict[str, Any] = yaml.safe_load(text)
    try:
        once = with_value(text, ("r", "link"), link)
    except ConfigError:  # a scalar where a mapping should be
        return
    after = yaml.safe_load(once)
    section = after["registries"]["r"]["link"]["thresholds"]
    assert section.pop("link") == pytest.approx(link, abs=1e-9)
    old = (before["registries"]["r"] or {}).get("link") or {}
    for level, key in ((after["registries"]["r"], "link"), (old, "thresholds")):
        assert key in level or level is old
    expected = dict(old.get("thresholds") or {})
    expected.pop("link", None)
    assert section == expected
    before["registries"]["r"] = {**(before["registries"]["r"] or {}), "link": None}
    after["registries"]["r"]["link"] = None
    assert after == before
    assert with_value(once, ("r", "link"), link) == once
    kept = [line.strip() for line in text.splitlines() if line.strip().startswith("#")]
    assert [line.strip() for line in once.splitlines() if line.strip().startswith("#")] == kept
