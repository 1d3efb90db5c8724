"""Writing thresholds into a job file, in place: nothing else of the file changes.

The file is edited as text at the places that the YAML parser tells, so comments, order, quotes and
line ends stay. What comes out is parsed again: if anything but the thresholds differs, nothing is
written.
"""

from __future__ import annotations

import copy
import hashlib
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NoReturn

import yaml

from linkage.config import load_job
from linkage.config.document import read_document
from linkage.errors import ConfigError

_SECTION: Final = ("link", "thresholds")

Values = Mapping[str, float | int | Mapping[str, float]]
"""Keys of ``thresholds:`` and what they shall say."""


def write_thresholds(
    path: Path | str, thresholds: Mapping[str, Values], *, sha256: str | None = None
) -> bool:
    """Set ``link: thresholds:`` of some registries in a job file.

    Comments, order, quotes, line ends and everything else stay as they are. Written beside the file
    and moved into its place, with its permissions. Writing the same again changes nothing.

    Args:
        path: the job file.
        thresholds: by registry, the keys to set; other keys of the section stay.
        sha256: of the file's content when the thresholds were worked out; None to not compare.

    Returns:
        Whether the file has changed.

    Raises:
        ConfigError: the file changed meanwhile, shares the section by an alias, is laid out in a
            way that cannot be edited safely, or does not load afterwards; it is left as it was.
    """
    file = Path(path).resolve()
    before = file.read_bytes()
    if sha256 is not None and hashlib.sha256(before).hexdigest() != sha256:
        raise _changed(file)
    text = before.decode("utf-8")
    after = text
    for registry, values in thresholds.items():
        for key, value in values.items():
            after = with_value(after, (registry, key), value, name=str(path))
    if after == text:
        return False
    _check(file, text, after, thresholds)
    _replace(file, before, after.encode("utf-8"))
    return True


def with_value(text: str, place: tuple[str, str], value: Any, *, name: str = "the job") -> str:
    """A job file's text with one threshold set.

    Args:
        text: of the file.
        place: registry and key.
        value: what the key shall say.
        name: what errors call the file.

    Example:
        >>> print(with_value("registries: {sim: {columns: {}}}", ("sim", "link"), 0.995))
        registries: {sim: {columns: {}, link: {thresholds: {link: 0.995}}}}
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix(mark)
    edit = _Edit(body, name)
    return mark + edit.set(("registries", place[0], *_SECTION, place[1]), _scalar(value))


class _Edit:
    """One change to a text of YAML."""

    def __init__(self, text: str, name: str) -> None:
        self.text, self.name = text, name
        self.newline = "\r\n" if "\r\n" in text else "\n"
        try:
            root = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError:
            root = None
        if root is None:
            self._refuse("a file that is YAML", "something else")
        self.root: yaml.Node = root

    def set(self, path: tuple[str, ...], value: str) -> str:
        """The text with the scalar at a path set; missing mappings on the way are made."""
        node, inside = self.root, self.root
        for depth, key in enumerate(path):
            if not isinstance(inside, yaml.MappingNode):
                return self._fill(inside, node, path[depth:], value)
            found = [pair for pair in inside.value if pair[0].value == key]
            if not found:
                return self._insert(inside, path[depth:], value)
            node, inside = found[0]
            self._refuse_alias(node, inside, path[: depth + 1])
        if not isinstance(inside, yaml.ScalarNode):
            if isinstance(inside, yaml.MappingNode) and inside.flow_style:
                return self._cut(inside, value)
            self._refuse("one value in " + ".".join(path), "several")
        return self._cut(inside, value) if inside.value or inside.style else self._fill(
            inside, node, (), value
        )  # fmt: skip

    def _cut(self, node: yaml.Node, value: str) -> str:
        start, end = node.start_mark.index, node.end_mark.index
        return self.text[:start] + value + self.text[end:]

    def _fill(self, node: yaml.Node, key: yaml.Node, rest: tuple[str, ...], value: str) -> str:
        """Put something where a key has nothing or null."""
        if not isinstance(node, yaml.ScalarNode) or node.value not in ("", "~", "null"):
            self._refuse(f"a mapping at '{key.value}'", "something else")
        content = _nested(rest, value)
        if node.value:
            return self._cut(node, content)
        at = self.text.index(":", key.end_mark.index) + 1
        return f"{self.text[:at]} {content}{self.text[at:]}"

    def _insert(self, mapping: yaml.MappingNode, rest: tuple[str, ...], value: str) -> str:
        entry = f"{rest[0]}: {_nested(rest[1:], value)}"
        if not mapping.flow_style:
            return self._insert_line(mapping, entry)
        if not mapping.value:
            end, link = mapping.start_mark.index + 1, ""
        else:
            end, link = self._last_of(mapping) or mapping.end_mark.index - 1, ", "
            between = self.text[end : mapping.end_mark.index - 1]
            if "," in re.sub(r"#.*", "", between):  # a comma stands at the end already
                end, link = end + between.index(",") + 1, " "
        return self.text[:end] + link + entry + self.text[end:]

    def _insert_line(self, mapping: yaml.MappingNode, entry: str) -> str:
        """A line of its own behind the last one of a block."""
        first = mapping.value[0][0].start_mark
        line = self.text.rfind("\n", 0, first.index) + 1
        indent = self.text[line : first.index]
        if indent.strip():
            self._refuse("keys on lines of their own", "a block that begins in mid-line")
        last = self._last_of(mapping)
        if last is None:  # before the block then
            return self.text[:line] + indent + entry + self.newline + self.text[line:]
        end = self.text.find("\n", last)
        if end < 0:
            return self.text + self.newline + indent + entry
        return self.text[: end + 1] + indent + entry + self.newline + self.text[end + 1 :]

    def _last_of(self, mapping: yaml.MappingNode) -> int | None:
        """Where a mapping's last value ends; None behind a text block, whose end is not told."""
        key, value = mapping.value[-1]
        end = self._last(value)
        return None if end is None else max(end, key.end_mark.index)

    def _last(self, node: yaml.Node) -> int | None:
        # a block's own mark stands behind the comments after it
        if isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style:
            if isinstance(node, yaml.MappingNode):
                return self._last_of(node)
            return self._last(node.value[-1])
        if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
            return None
        return int(node.end_mark.index)

    def _refuse_alias(self, key: yaml.Node, value: yaml.Node, path: tuple[str, ...]) -> None:
        if value.start_mark.index < key.end_mark.index:
            self._refuse(f"'{'.'.join(path)}' written out", "an alias (*)")
        before = self.text[key.end_mark.index : value.start_mark.index + 1]
        if "&" in re.sub(r"#.*", "", before):
            self._refuse(f"'{'.'.join(path)}' used once", "an anchor (&)")

    def _refuse(self, expected: str, found: str) -> NoReturn:
        message = f"{self.name}: the thresholds cannot be written into this file"
        raise ConfigError(
            message,
            expected=expected,
            found=found,
            hint="put 'link: {thresholds: {…}}' below the registry yourself",
        )


def _nested(keys: tuple[str, ...], value: str) -> str:
    for key in reversed(keys):
        value = f"{{{key}: {value}}}"
    return value


def _scalar(value: Any) -> str:
    """A number, or a mapping of numbers, as the file shall say it."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_scalar(item)}" for key, item in value.items()) + "}"
    if isinstance(value, int):
        return str(value)
    text = f"{value:.10f}".rstrip("0")
    return text + "0" if text.endswith(".") else text


def _check(file: Path, before: str, after: str, thresholds: Mapping[str, Values]) -> None:
    """The file as a whole must say what it said, but for the thresholds, and must load."""
    expected = copy.deepcopy(_data(file, before))
    for registry, values in thresholds.items():
        section = expected["registries"][registry]
        for key in _SECTION:
            section[key] = dict(section.get(key) or {})
            section = section[key]
        section.update({k: dict(v) if isinstance(v, Mapping) else v for k, v in values.items()})
    if _data(file, after, load=True) != expected:
        message = f"{file.name}: the thresholds cannot be written into this file"
        raise ConfigError(
            message,
            expected="keys and values laid out plainly",
            found="a layout in which other parts would change",
            hint="put 'link: {thresholds: {…}}' below the registry yourself",
        )


def _data(file: Path, text: str, *, load: bool = False) -> Any:
    """What a text says as a job beside the file, loaded as a job on request."""
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".partial", dir=file.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode("utf-8"))
        if load:
            _load(file, draft)
        return read_document(draft).written
    finally:
        draft.unlink(missing_ok=True)


def _load(file: Path, draft: Path) -> None:
    try:
        load_job(draft)
    except ConfigError as error:
        message = f"{file.name} would no longer load with these thresholds"
        raise ConfigError(
            message, expected="review at most link, both probabilities", problems=error.problems
        ) from None


def _replace(file: Path, before: bytes, after: bytes) -> None:
    """Move the new content into place, unless the file is no longer what was read."""
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".partial", dir=file.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(after)
            os.fsync(stream.fileno())
        draft.chmod(file.stat().st_mode & 0o7777)
        if file.read_bytes() != before:
            raise _changed(file)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _changed(file: Path) -> ConfigError:
    message = f"{file.name} has changed while its thresholds were worked out"
    return ConfigError(
        message,
        expected="the file as it was read",
        found="another content",
        hint="run the command again",
    )
