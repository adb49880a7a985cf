# SPDX-License-Identifier: BSD-3-Clause
"""Places inside of lines where a breakpoint can stand: statements, calls, bodies of lambdas and
elements of comprehensions. The syntax tree says where they are in the text, the code object's own
positions (PEP 657) say at which instruction each begins; what has no instruction is no place.

Runs on a thread of the kernel, on text that is compiled and never run.
"""

import ast
import opcode

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp)
_LIMIT = 2000  # places of one answer
_RESUME = opcode.opmap["RESUME"]
# From 3.14 on a condition is followed by NOT_TAKEN, which has the place of what comes next.
_JUMPS = {*opcode.hasjrel, *opcode.hasjabs, *filter(None, [opcode.opmap.get("NOT_TAKEN")])}


def _begin(node):
    """Of a decorated definition too: its first instruction is the decorator's."""
    first = min(getattr(node, "decorator_list", []), key=lambda d: d.lineno, default=node)
    return first.lineno, first.col_offset


def _header_end(node):
    """Where the part of a compound statement ends that runs before its body."""
    for field in ("test", "iter", "subject"):
        part = getattr(node, field, None)
        if part is not None:
            return part.end_lineno, part.end_col_offset
    if isinstance(node, (ast.With, ast.AsyncWith)):
        last = node.items[-1].optional_vars or node.items[-1].context_expr
        return last.end_lineno, last.end_col_offset
    if hasattr(node, "body"):
        return None
    return node.end_lineno, node.end_col_offset


def _in_chain(node):
    """A call of a method of what another call returned."""
    value = node.func.value if isinstance(node.func, ast.Attribute) else None
    while isinstance(value, (ast.Attribute, ast.Subscript)):
        value = value.value
    return isinstance(value, ast.Call)


def _wanted(tree, first, last):
    """(node, begin, end, chained) of what lies in these lines; begin and end are (line, byte)."""
    stack = [tree]
    while stack:
        node = stack.pop()
        if getattr(node, "end_lineno", None) is not None:
            if node.end_lineno < first or _begin(node)[0] > last:
                continue
        stack.extend(ast.iter_child_nodes(node))
        if isinstance(node, ast.stmt):
            yield node, _begin(node), _header_end(node), False
        elif isinstance(node, ast.Lambda):
            part = node.body
            yield part, _begin(part), (part.end_lineno, part.end_col_offset), False
        elif isinstance(node, (*_COMPREHENSIONS, ast.DictComp)):
            part = node.key if isinstance(node, ast.DictComp) else node.elt
            yield part, _begin(part), (part.end_lineno, part.end_col_offset), False
            for test in (test for loop in node.generators for test in loop.ifs):
                yield test, _begin(test), (test.end_lineno, test.end_col_offset), False
        elif isinstance(node, ast.Call):
            end = node.end_lineno, node.end_col_offset
            if _in_chain(node):
                at = node.func.end_lineno, node.func.end_col_offset - len(node.func.attr.encode())
                yield node.func, at, end, True
            else:
                yield node, _begin(node), end, False


def _instructions(code, first, last, depth=0):
    """(depth, code, offset, opcode, position) of all that has a place in these lines."""
    started = False
    raw = code.co_code
    for unit, position in enumerate(code.co_positions()):
        op = raw[2 * unit]
        if not started:
            started = op == _RESUME
        elif op and None not in position and position[1] >= first and position[0] <= last:
            yield depth, code, 2 * unit, op, position
    for inner in code.co_consts:
        if hasattr(inner, "co_positions") and depth < 100:
            yield from _instructions(inner, first, last, depth + 1)


def _first(instructions, node, chained):
    """The instruction that the node begins with."""
    begin, end = _begin(node), (node.end_lineno, node.end_col_offset)
    best = None
    for found in instructions:
        line, end_line, column, end_column = found[4]
        if (line, column) < begin or (end_line, end_column) > end:
            continue
        if chained and (end_line, end_column) != end:
            continue
        if found[3] in _JUMPS and not isinstance(node, ast.stmt):
            continue  # of the condition before it
        if best is None or found[0] < best[0] or (found[0] == best[0] and found[2] < best[2]):
            best = found
    return best


def statement(source, line):
    """The first line of the innermost statement that goes over several lines and this one, or 0."""
    found = 0
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt):
            end = _header_end(node)
            if end and node.lineno < line <= end[0]:
                found = max(found, node.lineno)
    return found


def _utf16(lines, line, column):
    """The 1-based UTF-16 column of a byte of a line."""
    text = lines[line - 1].encode("utf-8", "surrogatepass")[:column]
    return len(text.decode("utf-8", "replace").encode("utf-16-le", "replace")) // 2 + 1


def _lines(text):
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _decoded(source):
    if isinstance(source, str):
        return source
    from importlib.util import decode_source

    return decode_source(source)


def find(source, code, first, last, raw=None, only=None):
    """Sorted (line, column, end_line, end_column, position, opcode) of the lines first to last.

    Columns are 1-based UTF-16 units, end 0 where it is not known; position is the instruction's, as
    co_positions has it. raw: what the user wrote where source is made of it; a line that is not the
    same there has its first place alone. only: the lines that are looked for.
    """
    tree = ast.parse(source)
    lines = _lines(_decoded(source))
    written = lines if raw is None else _lines(raw)
    last = min(last, len(lines))
    instructions = list(_instructions(code, first, last))
    places = {}
    for node, begin, end, chained in _wanted(tree, first, last):
        if not first <= begin[0] <= last or (only is not None and begin[0] not in only):
            continue
        at = _first(instructions, node, chained)
        if at is None:
            continue
        line, column = begin[0], _utf16(lines, *begin)
        same = line <= len(written) and written[line - 1] == lines[line - 1]
        if not same:
            text = written[line - 1] if line <= len(written) else ""
            column, end = len(text) - len(text.lstrip()) + 1, None
        key = (id(at[1]), at[2]) if same else line
        end_line, end_column = (end[0], _utf16(lines, *end)) if end else (line, 0)
        place = (line, column, end_line, end_column, at[4], at[3])
        if key not in places or place[:2] < places[key][:2]:
            places[key] = place
    return sorted(places.values())[:_LIMIT]
