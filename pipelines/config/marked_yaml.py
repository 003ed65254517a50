"""YAML read with the line of every key, so that a refusal can say where.

Only plain documents: mappings, lists and scalars, without tags of Python objects and without duplicate keys.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from pipelines.problems import InputRefused, Problem

KeyPath = tuple[str | int, ...]
DEEPEST = 20  # a document nested deeper, or into itself by an anchor, is a mistake


@dataclass
class MarkedYaml:
    """The content of one file, `lines` by key path, and what is wrong with the file so far."""

    file: str
    content: dict[str, Any]
    lines: dict[KeyPath, int]
    problems: list[Problem] = field(default_factory=list)

    def place(self, path: KeyPath) -> str:
        """ "line 12, key products[2].price_usd"; a missing key has the line of its parent."""
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
        return f"line {self.lines.get(known, 1)}, key {name}"

    def refuse(self, path: KeyPath, value: object, message: str, remedy: str) -> None:
        shown = "" if value is None else str(value)
        self.problems.append(Problem(self.file, self.place(path), shown, message, remedy))


def read_marked_yaml(path: Path, file: str) -> MarkedYaml:
    """Read `path`, called `file` in messages. Raises InputRefused where it is not one readable mapping."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        remedy = "Copy it from a shipped profile."
        raise _refused(file, "whole file", "", "the file is missing", remedy) from None
    except UnicodeDecodeError as error:
        remedy = "Save the file as UTF-8."
        raise _refused(file, f"byte {error.start + 1}", "", "the file is not UTF-8", remedy) from None
    loader = None
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        document = MarkedYaml(file, {}, {})
        content = {} if node is None else _construct(loader, node, (), document)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        message = f"the YAML cannot be read: {error.problem or error.context}"
        remedy = "Check indentation, quotes and colons at this line."
        raise _refused(file, f"line {line}", "", message, remedy) from None
    except yaml.YAMLError as error:
        line = text[: getattr(error, "position", 0)].count("\n") + 1
        message = "the YAML cannot be read: a character is not text"
        raise _refused(file, f"line {line}", "", message, "Remove the character.") from None
    finally:
        if loader is not None:
            loader.dispose()
    if not isinstance(content, dict):
        message = "the file must hold a mapping of names to values"
        raise _refused(file, "line 1", type(content).__name__, message, "Start from a shipped profile.")
    document.content = content
    return document


def _construct(loader: yaml.SafeLoader, node: yaml.Node, path: KeyPath, document: MarkedYaml) -> Any:
    document.lines.setdefault(path, node.start_mark.line + 1)
    if len(path) > DEEPEST:
        raise yaml.constructor.ConstructorError(None, None, "nested too deep", node.start_mark)
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            child = (*path, key)
            if key in mapping:
                line = key_node.start_mark.line + 1
                remedy = "Keep one of them; the first is used."
                document.problems.append(
                    Problem(document.file, f"line {line}, key {key}", key, "the key appears twice", remedy)
                )
                continue
            document.lines[child] = key_node.start_mark.line + 1
            mapping[key] = _construct(loader, value_node, child, document)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_construct(loader, item, (*path, i), document) for i, item in enumerate(node.value)]
    try:
        return loader.construct_object(node, deep=True)
    except ValueError as error:  # e.g. 2026-02-30 looks like a date and is none
        raise yaml.constructor.ConstructorError(None, None, str(error), node.start_mark) from None


def _refused(file: str, place: str, value: str, message: str, remedy: str) -> InputRefused:
    return InputRefused([Problem(file, place, value, message, remedy)])
