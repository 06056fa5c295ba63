"""What a mutant changes: Cosmic Ray's operators, and more for code that works on arrays.

Operators of our own are written as Cosmic Ray's: they look at nodes of a ``parso`` tree. The names
of functions that are swapped stand in ``LIKE``.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

import parso
from cosmic_ray.operators.operator import Example, Operator
from cosmic_ray.operators.provider import OperatorProvider
from parso.python.tree import Name, String
from parso.tree import NodeOrLeaf

# Chosen at random, or never a slip in arithmetic: bits, signs of plus, `is` between numbers.
LEFT_OUT = ("Variable", "Shift", "Bit", "Invert", "UAdd", "_Is")

MODULES = ("np", "tf", "mem_ops")

LIKE = (
    ("max", "min", "sum", "mean"),
    ("maximum", "minimum"),
    ("zeros", "ones"),
    ("zeros_like", "ones_like"),
    ("sin", "cos"),
    ("exp", "log", "sqrt"),
    ("reduce_sum", "reduce_mean", "reduce_prod", "reduce_max"),
    ("reduce_all", "reduce_any"),
    ("sigmoid", "tanh", "softplus", "relu", "softmax"),
    ("stack", "concat"),
    ("split", "unstack"),
    ("float32", "float64"),
)


class Rewrite(Operator):
    """Puts other text in the place of a node."""

    shown: tuple[Example, ...] = ()

    def texts(self, node: NodeOrLeaf) -> Iterator[str]:
        """What may stand in the place of ``node``."""
        raise NotImplementedError

    def mutation_positions(self, node):
        for _ in self.texts(node):
            yield node.start_pos, node.end_pos

    def mutate(self, node, index):
        text = list(self.texts(node))[index]
        new = Name(text, node.start_pos, prefix=node.get_first_leaf().prefix)
        new.parent = node.parent
        return new

    @classmethod
    def examples(cls):
        return cls.shown


def code(*nodes: NodeOrLeaf) -> str:
    return "".join(node.get_code() for node in nodes).strip()


def listed(node: NodeOrLeaf) -> list[str]:
    """The entries between two brackets."""
    inside = node.children[1:-1]
    if inside and inside[0].type in ("arglist", "subscriptlist"):
        inside = inside[0].children
    return [code(entry) for entry in inside if entry.get_code().strip() != ","]


def is_keyword(argument: str) -> bool:
    return bool(re.match(r"\w+\s*=(?!=)", argument))


class DeleteStatement(Rewrite):
    """Leaves a statement out."""

    shown = (Example("a = 1\nb = 2\n", "pass\nb = 2\n"),)

    def texts(self, node):
        if node.type == "if_stmt":
            yield "pass\n"
        elif node.type == "simple_stmt" and not isinstance(node.children[0], String):
            yield "pass\n"


class DecideCondition(Rewrite):
    """Puts True or False in the place of a condition, or leaves out a part of it."""

    shown = (
        Example("if a: b\n", "if True: b\n"),
        Example("x = a if b else c", "x = a if True else c"),
        Example("x = a and b\n", "x = b\n"),
    )

    def texts(self, node):
        siblings = node.parent.children if node.parent else [node]
        before = siblings[siblings.index(node) - 1]
        if before.type == "keyword" and before.value in ("if", "elif"):
            yield from ("True", "False")
        elif node.type in ("and_test", "or_test"):
            for place in range(0, len(node.children), 2):
                start = max(place - 1, 0)
                yield code(*node.children[:start], *node.children[start + 2 :])


class ReplaceRaised(Rewrite):
    """Raises an error of the most general class."""

    shown = (Example('raise ValueError("a")\n', 'raise Exception("a")\n'),)

    def texts(self, node):
        parent = node.parent
        if isinstance(node, Name) and parent.parent and parent.parent.type == "raise_stmt":
            yield "Exception"


class ReplaceAssignment(Rewrite):
    """Replaces what an assignment such as ``+=`` does."""

    shown = (Example("a += 1\n", "a = 1\n"), Example("a += 1\n", "a -= 1\n", occurrence=1))
    others = {"+=": ("=", "-="), "-=": ("=", "+="), "*=": ("=", "+="), "|=": ("=", "&=")}

    def texts(self, node):
        yield from self.others.get(getattr(node, "value", ""), ())


class ReplaceMatmul(Rewrite):
    """Multiplies number by number where matrices are multiplied, and the other way round."""

    shown = (Example("a @ b", "a * b"), Example("a * b", "a @ b"))

    def texts(self, node):
        if node.parent and node.parent.type == "term" and node.type == "operator":
            yield from {"@": ("*", "+"), "*": ("@",)}.get(node.value, ())


class Transpose(Rewrite):
    """Transposes a factor, or leaves a transpose out."""

    shown = (Example("a @ b", "(a).T @ b"), Example("a.T + b", "a + b"))

    def texts(self, node):
        if node.type == "trailer" and code(node) == ".T":
            yield ""
        parent = node.parent
        if parent and parent.type == "term" and "@" in map(code, parent.children[1::2]):
            if node.type != "operator":
                yield f"({code(node)}).T"


class ChangeEntries(Rewrite):
    """Leaves out an argument or an index, or exchanges two neighbors."""

    shown = (
        Example("f(a, b)", "f(b)"),
        Example("f(a, b)", "f(b, a)", occurrence=2),
        Example("f(axis=0)", "f()"),
        Example("x[..., 0]", "x[0]"),
    )

    def texts(self, node):
        if node.type != "trailer" or len(node.children) < 3:
            return
        opening, closing = code(node.children[0]), code(node.children[-1])
        entries = listed(node)
        for place, entry in enumerate(entries):
            if len(entries) > 1 or is_keyword(entry):
                rest = entries[:place] + entries[place + 1 :]
                yield f"{opening}{', '.join(rest)}{closing}"
        for place in range(len(entries) - 1):
            one, two = entries[place : place + 2]
            if not is_keyword(one) and not is_keyword(two):
                swapped = [*entries[:place], two, one, *entries[place + 2 :]]
                yield f"{opening}{', '.join(swapped)}{closing}"


class ChangeOperands(Rewrite):
    """Leaves out a term or a factor, or exchanges two that cannot be exchanged."""

    shown = (
        Example("a + b", "b"),
        Example("a + b", "a", occurrence=1),
        Example("a @ b", "b @ a", occurrence=2),
    )

    def texts(self, node):
        if node.type not in ("arith_expr", "term"):
            return
        parts = [code(part) for part in node.children]
        for place in range(0, len(parts), 2):
            start = max(place - 1, 0)
            rest = parts[:start] + parts[start + 2 :]
            yield " ".join(rest)
        if len(parts) == 3 and parts[1] not in ("+", "*"):
            yield " ".join(reversed(parts))


class ChangeOrder(Rewrite):
    """Exchanges two neighbors of several that are returned, assigned or kept in a list."""

    shown = (Example("return a, b\n", "return b, a\n"), Example("[a, b]", "[b, a]"))

    def texts(self, node):
        if node.type in ("testlist", "testlist_star_expr", "testlist_comp"):
            parts = [code(part) for part in node.children[::2]]
            if all(code(comma) == "," for comma in node.children[1::2]):
                for place in range(len(parts) - 1):
                    one, two = parts[place : place + 2]
                    yield ", ".join([*parts[:place], two, one, *parts[place + 2 :]])


class ChangeSlice(Rewrite):
    """Leaves out a bound of a slice."""

    shown = (Example("x[1:n]", "x[:n]"), Example("x[1:n]", "x[1:]", occurrence=1))

    def texts(self, node):
        if node.type == "subscript":
            for place, part in enumerate(node.children):
                if code(part) != ":":
                    yield code(*node.children[:place], *node.children[place + 1 :]) or ":"


class Unwrap(Rewrite):
    """Leaves out a call or an index: what it was applied to stays."""

    shown = (Example("f(a, b).copy()", "(a).copy()"), Example("x.copy()", "x"))

    def texts(self, node):
        if node.type not in ("atom_expr", "power"):
            return
        parts = node.children
        for place, part in enumerate(parts):
            if part.type != "trailer":
                continue
            before, after = parts[:place], parts[place + 1 :]
            if code(part).startswith("["):
                yield code(*before) + code(*after)
            elif code(part).startswith("("):
                arguments = listed(part)
                if arguments and not is_keyword(arguments[0]):
                    yield f"({arguments[0]}){code(*after)}"
                if code(before[-1]).startswith(".") and code(before[0]) not in MODULES:
                    yield code(*before[:-1]) + code(*after)


class ReplaceFunction(Rewrite):
    """Calls a function that is taken for the right one."""

    shown = (Example("np.sin(x)", "np.cos(x)"),)

    def texts(self, node):
        if isinstance(node, Name) and not node.is_definition():
            for names in LIKE:
                if node.value in names:
                    yield from (name for name in names if name != node.value)


class ReplaceName(Rewrite):
    """Takes another one of the function's own variables."""

    shown = (Example("def f(a, b): return a\n", "def f(a, b): return b\n"),)

    def texts(self, node):
        if isinstance(node, Name) and is_variable(node) and not node.is_definition():
            own = variables(outermost_function(node).get_code())
            if node.value in own:
                yield from sorted(own - {node.value})


class ReplaceText(Rewrite):
    """Takes another one of the texts that the function knows."""

    shown = (Example('d["a"], d["b"]', 'd["b"], d["b"]'),)

    def texts(self, node):
        if is_text(node):
            yield from sorted(known_texts(node.get_root_node().get_code()) - {node.value})


def is_variable(name: Name) -> bool:
    """Whether a name stands for itself, not for an attribute, a keyword or a function."""
    before = name.get_previous_leaf()
    return not (
        (before and before.value in (".", "def", "class"))
        or (name.parent.type == "argument" and name.parent.children[0] is name)
    )


def outermost_function(node: NodeOrLeaf) -> NodeOrLeaf:
    """The function around all functions around ``node``, a method of a class for example."""
    found = node.get_root_node()
    while node := node.search_ancestor("funcdef"):
        found = node
    return found


def leaves(node: NodeOrLeaf) -> Iterator[NodeOrLeaf]:
    leaf, last = node.get_first_leaf(), node.get_last_leaf()
    while leaf is not last:
        yield leaf
        leaf = leaf.get_next_leaf()
    yield last


@lru_cache(maxsize=16)
def variables(function: str) -> set[str]:
    return {
        leaf.value
        for leaf in leaves(parso.parse(function))
        if isinstance(leaf, Name) and is_variable(leaf) and leaf.is_definition()
    }


def is_text(node: NodeOrLeaf) -> bool:
    return isinstance(node, String) and node.parent.type != "simple_stmt"


@lru_cache(maxsize=16)
def known_texts(source: str) -> set[str]:
    return {leaf.value for leaf in leaves(parso.parse(source)) if is_text(leaf)}


class ScaleNumber(Rewrite):
    """Makes a small number ten times as large, or a tenth of it."""

    shown = (Example("x = 1e-6", "x = 1e-05"),)

    def texts(self, node):
        if node.type == "number" and 0 < abs(float(node.value)) < 1:
            yield from (f"{10 * float(node.value):g}", f"{float(node.value) / 10:g}")


OWN = Rewrite.__subclasses__()


def operators() -> dict[str, Operator]:
    """Every operator, by its name."""
    provider = OperatorProvider()
    kept = [name for name in provider if not any(word in name for word in LEFT_OUT)]
    return {name: provider[name]() for name in kept} | {one.__name__: one() for one in OWN}
