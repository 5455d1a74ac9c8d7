"""Finds the messages that the source can show: texts of exceptions and of standard error in Python, texts that become a
``problem``, stop the build or a log line in SQL and Jinja. What stands in for a value is ``…``."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

GAP = "…"

# Raised to be caught again by the same program; nobody reads their text.
INTERNAL = {"AssertionError", "ConnectionError", "EOFError", "FileExistsError", "FileNotFoundError", "ValueError"}
# A half sentence that its catcher puts into a whole message.
REASONS = {"NoFigures", "Refused", "_PassingError", "problems.add"}
TOKEN = re.compile(r"'((?:[^']|'')*)'|(\|\||~)|([A-Za-z_][A-Za-z_0-9.]*)|(\()|(\))|(,)|(\S)")
ENDS = {"then", "when", "else", "end", "from", "as", "select", "where", "union", "and", "or", "if", "for", "info"}


@dataclass(frozen=True)
class Message:
    """One text and where it is; ``kind`` is the class or function that takes it."""

    text: str
    kind: str
    place: str


def words(text: str) -> int:
    return len(re.findall(r"[A-Za-z]{2,}", text))


def messages_of_python(path: Path) -> Iterator[Message]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = {
        node.targets[0].id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for call in [node for node in ast.walk(tree) if isinstance(node, ast.Call)]:
        kind = kind_of(call)
        if not kind or not call.args:
            continue
        shown = call.args[0]
        text = text_of(named.get(shown.id, shown) if isinstance(shown, ast.Name) else shown)
        if words(text) >= 2 and " " in text.strip(GAP):
            yield Message(text, kind, f"{path.name}:{call.lineno}")


def kind_of(call: ast.Call) -> str | None:
    """The class or function whose text a person reads, None for any other call."""
    name = ast.unparse(call.func)
    is_exception = name.endswith("Error") and "." not in name
    if is_exception or name in {"Refused", "NoFigures", "Stop", "SystemExit", "argparse.ArgumentTypeError"}:
        return None if name in INTERNAL else name
    if name == "print" and any(ast.unparse(keyword.value) == "sys.stderr" for keyword in call.keywords):
        return name
    return name if name in {"problems.add", "words.error", "parser.error", "log.error", "log.warning"} else None


def text_of(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return re.sub(r"%[sd]", GAP, str(node.value))
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) if isinstance(part, ast.Constant) else GAP for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return text_of(node.left) + text_of(node.right)
    return GAP


def codes_of_python(path: Path) -> Iterator[str]:
    """The words the proxy gives as a reason: of requests it refuses, of records it drops."""
    for call in [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]:
        name = ast.unparse(call.func).rpartition(".")[2]
        if name in {"Refused", "drop", "fail", "own_answer", "refused"}:
            yield from [part.value for argument in call.args for part in ast.walk(argument) if is_text(part)]


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def messages_of_sql(path: Path) -> Iterator[Message]:
    source = re.sub(r"\{#.*?#\}", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    source = re.sub(r"^\s*--[^\n]*", " ", source, flags=re.MULTILINE)
    if not re.search(r"\bas problem\b|error\(|stop_build\(|\blog\(", source):
        return
    tokens = list(TOKEN.finditer(source))
    position = 0
    while position < len(tokens):
        if tokens[position][1] is None:
            position += 1
            continue
        text, position = chain(tokens, position)
        text = text.replace("''", "'")
        if words(text) >= 4 and re.search(rf"\.(?:\s|{GAP}|$)", text):
            yield Message(text, "problem", path.name)


def chain(tokens: list[re.Match], position: int) -> tuple[str, int]:
    """Texts and values joined by ``||`` or ``~`` from a text on, and the position behind them."""
    text, depth, is_gap = tokens[position][1], 0, False
    position += 1
    while position < len(tokens):
        literal, join, word, opened, closed, comma, _ = tokens[position].groups()
        if depth == 0 and (comma or closed or (word in ENDS) or (not is_gap and not join)):
            break
        if depth == 0 and join:
            is_gap = True
        elif depth == 0 and literal is not None:
            text += literal
        else:
            if word == "case" or opened:
                depth += 1
            elif word == "end" or closed:
                depth -= 1
            text = text.rstrip(GAP) + GAP
        position += 1
    return text, position
