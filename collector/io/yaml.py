"""Strict reading of YAML files, with the line number of every key."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from collector.io.errors import UserFacingError

SIZE_LIMIT = 1024 * 1024
"""The most bytes a YAML file may have."""

_SHOWN = 40
"""Characters of a wrong value that a message quotes."""
_INT = re.compile(r"[-+]?(0|[1-9][0-9_]{0,17})")

Place = tuple[str | int, ...]
"""The keys and indices that lead to a value, from the top of the file."""

Finding = tuple[Place, str]
"""A place, and the error or warning about it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One error in a configuration: what is wrong, where, and what to do about it."""

    message: str
    path: str = ""
    line: int | None = None
    file: str | None = None  # if it is not the configuration file itself

    def text(self, file: Path | str) -> str:
        """Return one line: file, line number, path within the file and message."""
        file = self.file or file
        where = f"{file}:{self.line}" if self.line else f"{file}"
        return f"{where}: {self.path}: {self.message}" if self.path else f"{where}: {self.message}"


class FaultyFile(UserFacingError):
    """A configuration cannot be used; ``faults`` lists every error that was found."""

    permanent = True

    def __init__(self, file: Path | str, faults: list[Fault]) -> None:
        super().__init__("\n".join(fault.text(file) for fault in faults))
        self.file = file
        self.faults = faults


@dataclass(frozen=True, slots=True)
class YamlFile:
    """The data of a YAML file, and the line of each place in it."""

    file: Path
    data: Any
    lines: Mapping[Place, int]

    def line_of(self, place: Place) -> int | None:
        """Return the line number of ``place``, or of its nearest parent that has one."""
        while place:
            if place in self.lines:
                return self.lines[place]
            place = place[:-1]
        return self.lines.get(())


class _Loader(yaml.SafeLoader):
    """The safe loader without aliases (a few lines can expand to gigabytes), merges or tags."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, OverflowError) as error:  # a date such as 2020-02-30
            problem = f"{str(node.value)[:_SHOWN]!r}: {error}"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark) from None

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event: Any = self.peek_event()  # type: ignore[no-untyped-call]
            problem = "aliases (*name) are not allowed"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
        return super().compose_node(parent, index)


def _refuse(_: _Loader, node: yaml.Node) -> Any:
    problem = "tags (!name) and merges (<<) are not allowed"
    raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)


def _plain_int(loader: _Loader, node: yaml.ScalarNode) -> int:
    """Refuse 010, which YAML reads as 8, and 1:30, which it reads as 90."""
    if not _INT.fullmatch(node.value):
        raise ValueError("write a plain whole number, or text in quotes")
    return loader.construct_yaml_int(node)


def _plain_float(loader: _Loader, node: yaml.ScalarNode) -> float:
    """Refuse 1:30.5, which YAML reads as 90.5."""
    if ":" in node.value:
        raise ValueError("write a plain number, or text in quotes")
    return loader.construct_yaml_float(node)


def _whole_text(loader: _Loader, node: yaml.ScalarNode) -> str:
    """Refuse half a surrogate pair such as "\\ud800", which cannot be stored or printed."""
    text = loader.construct_yaml_str(node)
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("contains half of a surrogate pair; write the whole character")
    return text


_Loader.add_constructor(None, _refuse)
_Loader.add_constructor("tag:yaml.org,2002:str", _whole_text)
_Loader.add_constructor("tag:yaml.org,2002:int", _plain_int)
_Loader.add_constructor("tag:yaml.org,2002:float", _plain_float)


def read_yaml(file: Path, advice: str = "specify another file with --config") -> YamlFile:
    """Read a YAML file. ``advice``: what to do where it cannot be read.

    Raises FaultyFile if it is unreadable, too large, not UTF-8, not valid YAML or repeats a key.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(SIZE_LIMIT + 1)
    except OSError as error:
        message = f"cannot be read: {error.strerror}; {advice}"
        raise FaultyFile(file, [Fault(message)]) from None
    if len(content) > SIZE_LIMIT:
        message = f"is larger than {SIZE_LIMIT // 1024} KiB: is this the configuration file?"
        raise FaultyFile(file, [Fault(message)])
    try:
        text = content.decode("utf-8-sig")
        return _parse(file, text)
    except UnicodeDecodeError:
        raise FaultyFile(file, [Fault("is not UTF-8 text; save it as UTF-8")]) from None
    except yaml.MarkedYAMLError as error:
        raise FaultyFile(file, [_invalid(error, text)]) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        message = f"not valid YAML: a control character ({error.character:#04x}); remove it"
        raise FaultyFile(file, [Fault(message, line=line)]) from None
    except RecursionError:
        raise FaultyFile(file, [Fault("not valid YAML: nested too deeply")]) from None


def parse_yaml(text: str) -> Any:
    """Return the data of a YAML text, read as strictly as a file.

    Raises ValueError if it is not valid or repeats a key.
    """
    try:
        return _parse(Path("-"), text).data
    except RecursionError:
        raise ValueError("not valid YAML: nested too deeply") from None
    except FaultyFile as faulty:
        raise ValueError(faulty.faults[0].message) from None
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or "not valid"
        raise ValueError(f"not valid YAML: {problem}; put the value in quotes") from None


def _about_colons(line: str) -> str:
    """Return what to do about a line that has a colon where YAML expects none."""
    if len(re.findall(r":(?=\s|$)", line)) > 1:
        return '; put a text that contains a colon in quotes, as in title: "P1: answered"'
    return "; indent the line as its neighbours are indented"


def _invalid(error: yaml.MarkedYAMLError, text: str) -> Fault:
    """Return the parser's message, with the line where the unfinished construct began."""
    problem, mark, began = error.problem or "", error.problem_mark, error.context_mark
    if problem.startswith("but "):
        problem = f"{error.context} {problem}"
    elif "'\\t'" in problem:
        problem = "a tab; indent with spaces"
    elif problem.startswith("mapping values") and mark:
        problem += _about_colons(text.splitlines()[mark.line])
    elif problem.startswith("found character") and problem.endswith("cannot start any token"):
        problem += "; put a text that begins with it in quotes"
    elif mark and began and began.line < mark.line:
        problem += f" ({error.context}, which began on line {began.line + 1})"
        if "flow" in str(error.context) or "quoted" in str(error.context):
            problem += ": close it there"
    return Fault(f"not valid YAML: {problem}", line=mark.line + 1 if mark else None)


def _parse(file: Path, text: str) -> YamlFile:
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        lines: dict[Place, int] = {(): 1}
        faults: list[Fault] = []
        if root is not None:
            _walk(loader, root, (), lines, faults)
        if faults:
            raise FaultyFile(file, faults)
        data = None if root is None else loader.construct_document(root)
    finally:
        loader.dispose()
    return YamlFile(file, data, lines)


def _walk(
    loader: _Loader, node: yaml.Node, place: Place, lines: dict[Place, int], faults: list[Fault]
) -> None:
    """Collect the line of every place and a fault for every repeated key."""
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            lines[(*place, index)] = item.start_mark.line + 1
            _walk(loader, item, (*place, index), lines, faults)
    elif isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            key = loader.construct_object(key_node, deep=True)
            line = key_node.start_mark.line + 1
            if not isinstance(key, Hashable):
                faults.append(Fault("a key must be a plain value", place_text(place), line))
                continue
            below = (*place, str(key))
            if below in lines:
                first = lines[below]
                faults.append(
                    Fault(f"is given twice (first on line {first})", place_text(below), line)
                )
                continue
            lines[below] = line
            _walk(loader, value_node, below, lines, faults)


def place_text(place: Place) -> str:
    """Return a place as text: ``indicators.answered_20s.within`` or ``organizations[2]``."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text
