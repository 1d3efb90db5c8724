"""YAML with places: the data of a file, and the line that says each part of it.

Read by the safe loader's parser, with the small set of scalars of YAML 1.2 that people expect:
``NO``, ``yes`` and ``on`` are text, ``010`` and ``12:30`` too; ``true``, ``3``, ``0.5``, ``null``
and ``2026-10-01`` are what they look like.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from linkage.errors import ConfigError, Problem

KeyPath = tuple[str | int, ...]

_MOST_NODES: Final = 100_000
"""Aliases of aliases could make a small file a huge one."""
_VARIABLE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class _Loader(yaml.SafeLoader):
    """The safe loader without YAML 1.1's guesses at scalars."""


_Loader.yaml_implicit_resolvers = {}
_SCALARS: Final[tuple[tuple[re.Pattern[str], Callable[[str], object]], ...]] = (
    (re.compile(r"^(~|null|Null|NULL|)$"), lambda _: None),
    (re.compile(r"^(true|True|TRUE|false|False|FALSE)$"), lambda text: text.lower() == "true"),
    (re.compile(r"^[-+]?(0|[1-9][0-9]*)$"), int),
    (re.compile(r"^[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?$"), float),
    (re.compile(r"^\d{4}-\d\d-\d\d$"), dt.date.fromisoformat),
)
_CORE: Final = "tag:yaml.org,2002:"


@dataclass
class Document:
    """A configuration file, parsed.

    Attributes:
        name: what messages call it: the path as given, or ``<mapping>``.
        path: the file; None for a mapping handed over in Python.
        data: the parsed data, variables expanded.
        written: the same before variables were expanded (they may be credentials).
        lines: key path to line, from 1.
        texts: key path to the scalar's text, as the file writes it.
    """

    name: str
    path: Path | None
    data: Any = None
    written: Any = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    texts: dict[KeyPath, str] = field(default_factory=dict)
    _noted: list[tuple[int, Problem]] = field(default_factory=list)

    def in_order(self) -> list[Problem]:
        """The problems from top to bottom; those without a line first."""
        return [problem for _, problem in sorted(self._noted, key=lambda noted: noted[0])]

    @property
    def problems(self) -> list[Problem]:
        """The problems in the order in which they were noted."""
        return [problem for _, problem in self._noted]

    def add(self, problem: Problem) -> None:
        """Note a problem that has its own place."""
        self._noted.append((0, problem))

    def place(self, where: KeyPath) -> str:
        """``file:line: key.path`` of a part, or of the nearest part around it that exists."""
        line = self._line(where)
        file = f"{self.name}:{line}" if line else self.name
        return f"{file}: {dotted(where)}" if where else file

    def note(
        self,
        where: KeyPath,
        message: str,
        expected: str | None = None,
        found: str | None = None,
        hint: str | None = None,
    ) -> None:
        """Note a problem at a key path."""
        problem = Problem(message, self.place(where), expected, found, hint)
        self._noted.append((self._line(where), problem))

    def _line(self, where: KeyPath) -> int:
        """Line of a part or of the nearest part around it; 0 if there is none."""
        known = where
        while known and known not in self.lines:
            known = known[:-1]
        return self.lines.get(known, 0)


def dotted(where: KeyPath) -> str:
    """A key path as people write it.

    Example:
        >>> dotted(("link", "block", 0, 1))
        'link.block[0][1]'
    """
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where)
    return text.removeprefix(".")


def read_document(path: Path) -> Document:
    """Parse a YAML file; duplicate keys and missing variables are noted, not raised.

    Raises:
        ConfigError: no such file, not UTF-8, or not YAML.
    """
    document = Document(str(path), path)
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        msg = f"{path}: the file cannot be read"
        raise ConfigError(msg, expected="a YAML file", found=error.strerror) from None
    except UnicodeDecodeError as error:
        msg = f"{path}: the file is not in UTF-8"
        raise ConfigError(msg, expected="UTF-8", found=f"something else at byte {error.start}",
                          hint="save it as UTF-8 in your editor") from None  # fmt: skip
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
    except yaml.YAMLError as error:
        raise _syntax_error(path, text, error) from None
    finally:
        loader.dispose()
    if node is not None:
        document.written = _Builder(document).build(node, ())
    document.data = expand(document, document.written, ())
    return document


def from_mapping(data: Mapping[str, Any]) -> Document:
    """A document of a mapping that was made in Python; paths are relative to the current folder."""
    document = Document("<mapping>", None, written=dict(data))
    document.data = expand(document, document.written, ())
    return document


def expand(document: Document, data: Any, where: KeyPath) -> Any:
    """Replace ``${NAME}`` in all texts; missing variables are noted by name only."""
    if isinstance(data, Mapping):
        return {key: expand(document, value, (*where, key)) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [expand(document, value, (*where, index)) for index, value in enumerate(data)]
    if not isinstance(data, str):
        return data

    def value_of(match: re.Match[str]) -> str:
        found = os.environ.get(match[1])
        if found is None:
            document.note(where, f"the environment variable {match[1]} is not set",
                          hint=f"export {match[1]}=…")  # fmt: skip
        return found or ""

    return _VARIABLE.sub(value_of, data)


def keep_texts(document: Document) -> None:
    """Take headers, spellings and a CSV's marks as texts, whatever they look like (1, NO, true)."""
    for where, text in document.texts.items():
        parents, last = where[:-1], where[-1] if where else ""
        is_header = parents[-1:] == ("columns",) or (
            parents[-2:-1] == ("columns",) and isinstance(last, int)
        )
        is_spelling = "values" in parents[-2:]
        is_mark = parents[-1:] == ("source",) and last in ("delimiter", "encoding")
        if is_header or is_spelling or is_mark:
            part = document.data
            for key in parents:
                part = part[key]
            if part[last] is not None and not isinstance(part[last], str):
                part[last] = text


def _syntax_error(path: Path, text: str, error: yaml.YAMLError) -> ConfigError:
    mark = getattr(error, "problem_mark", None)
    hint = "quote texts that contain : or # or begin with a sign"
    if mark and "${" in text.split("\n")[mark.line]:
        hint = "quote texts with a variable inside { }: '${NAME}'"
    where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
    msg = f"{where}: this is not YAML"
    return ConfigError(msg, expected="key: value, indented with spaces",
                       found=getattr(error, "problem", None) or type(error).__name__,
                       hint=hint)  # fmt: skip


class _Builder:
    """Turns composed nodes into data and remembers where each part stood."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._nodes = 0

    def build(self, node: yaml.Node, where: KeyPath) -> Any:
        self._nodes += 1
        if self._nodes > _MOST_NODES:
            msg = f"{self._document.name}: the file is too large"
            raise ConfigError(msg, expected=f"at most {_MOST_NODES} values",
                              hint="do not nest aliases")  # fmt: skip
        self._document.lines.setdefault(where, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, where)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(child, (*where, i)) for i, child in enumerate(node.value)]
        return self._scalar(node, where)

    def _mapping(self, node: yaml.MappingNode, where: KeyPath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
            path = (*where, key)
            if key in result:
                first = self._document.lines[path]
                self._document.lines[path] = line
                self._document.note(path, "the key stands twice", expected="each key once",
                                    found=f"also in line {first}")  # fmt: skip
                continue
            self._document.lines[path] = line
            result[key] = self.build(value_node, path)
        return result

    def _scalar(self, node: yaml.Node, where: KeyPath) -> object:
        text = str(node.value)
        self._document.texts[where] = text
        plain = getattr(node, "style", None) is None
        tag = node.tag.removeprefix(_CORE)
        if tag not in {"str", "null", "bool", "int", "float", "timestamp"}:
            message = f"the tag {node.tag} is not allowed"
            self._document.note(where, message, expected="plain values")
            return text
        return _plain(text) if plain and tag == "str" else text


def _plain(text: str) -> object:
    """The value of a scalar without quotation marks."""
    for pattern, convert in _SCALARS:
        if pattern.match(text):
            try:
                return convert(text)
            except ValueError:  # 2026-02-30
                return text
    return text
