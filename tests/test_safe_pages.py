"""What a student hands in does nothing to who opens it: in JupyterLab, formgrader, feedback."""

import json
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from contextlib import contextmanager, suppress
from html import unescape
from pathlib import Path

import nbformat
import playwright.sync_api
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from nbconvert import HTMLExporter
from nbformat import v4

from autograder import cleaning, pipeline
from autograder.build import build
from autograder.cells import checked_exercise, written_id
from autograder.cleaning import clean, plain, written
from autograder.course import CONFIG, Course
from autograder.evidence import Mapping, Other, Raised, Sequence, Text
from autograder.judge import judge_cases
from autograder.report import Report, summary_line
from tests.conftest import ROOT
from tests.corpus import Work
from tests.formgrader import environment
from tests.views.view_tools import free_port

CHAPTER, QUESTION = "01_tensors", written_id("tensors.why_relu")
EVIL = "http://evil.test"  # a host that no page of ours knows
IMG = "<img src=x onerror=\"hit('{}')\">"

# Each of these acts in a page when it is rendered as Markdown the way nbconvert does it.
MARKDOWN = {
    "script": "<script>hit('script')</script>",
    "script in capitals": "<ScRiPt>hit('script in capitals')</sCrIpT>",
    "script from elsewhere": f"<script src={EVIL}/script.js></script>",
    "onerror": f"text {IMG.format('onerror')} text",
    "onerror with a slash": "<p><img/src/onerror=hit('slash')></p>",
    "onload of svg": "<svg onload=\"hit('svg')\"></svg>",
    "script in svg": "<svg><script>hit('in svg')</script></svg>",
    "ontoggle": "<details open ontoggle=\"hit('toggle')\">x</details>",
    "autofocus": "<input autofocus onfocus=\"hit('focus')\">",
    "frame": "<iframe srcdoc=\"<script>hit('frame')</script>\"></iframe>",
    "frame from elsewhere": f"<iframe src={EVIL}/frame></iframe>",
    "refresh": f'<meta http-equiv=refresh content="0;url={EVIL}/refresh">',
    "base": f"<base href={EVIL}/>",
    "form": f"<form action={EVIL}/form><button>ok</button></form>",
    "object": f"<object data={EVIL}/object></object>",
    "embed": f"<embed src={EVIL}/embed>",
    "link": f"<link rel=stylesheet href={EVIL}/style.css>",
    "prefetch": f"<link rel=prefetch href={EVIL}/prefetch>",
    "import": f"<style>@import '{EVIL}/import.css';</style>",
    "font": f"<style>@font-face{{font-family:f;src:url({EVIL}/f)}}p{{font-family:f}}</style>",
    "background": f'<div style="background:url({EVIL}/background)">x</div>',
    "picture": f"<img src={EVIL}/picture.png>",
    "srcset": f'<img srcset="{EVIL}/srcset.png 1x">',
    "video": f"<video src={EVIL}/video poster={EVIL}/poster></video>",
    "svg image": f"<svg><image href={EVIL}/image.svg /></svg>",
    "math": "<math><a xlink:href=\"javascript:hit('math')\" href=\"javascript:hit('math')\">x</a>"
    "</math>",
    "anchor": "<a href=\"javascript:hit('anchor')\">click</a>",
    "anchor, broken": "<a href=\"java\tscript:hit('broken')\">click</a>",
    "anchor with entities": "<a href=\"&#106;avascript:hit('entities')\">click</a>",
    "ping": f"<a href={EVIL}/a ping={EVIL}/ping>click</a>",
    "after a comment": f"<!-- --><!--> {IMG.format('comment')}",
    "in noscript": f'<noscript><p title="</noscript>{IMG.format("noscript")}"></noscript>',
    "in a list": f"1. - > {IMG.format('list')}",
    "in a table": f"| a |\n|---|\n| {IMG.format('table')} |",
    "in a heading": f"# x {IMG.format('heading')}",
    "in odd backticks": f"`` ` {IMG.format('backticks')} ```",
    "after a fence": f"```\n```\n{IMG.format('fence')}",
    "in a diagram": f"```mermaid\n{IMG.format('diagram')}\n```",
    "Markdown picture": f"![a]({EVIL}/md.png)",
    "picture by reference": f"![a][b]\n\n[b]: {EVIL}/reference.png",
    "picture by short reference": f"![b][]\n\n[b]: <{EVIL}/short.png>",
    "javascript link": "[click](javascript:hit%28'link'%29)",
    "javascript by reference": "[click]\n\n[click]: javascript:hit('by-reference')",
    "javascript address": "<javascript:hit('address')>",
    "javascript with entities": "[click](&#x6a;avascript:hit%28'link-entities'%29)",
    "data link": "[click](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "vbscript link": "[click](VBScript:msgbox%281%29)",
}
# These act only where MathJax or mermaid runs: JupyterLab has both.
TYPESET = [
    r"$\href{javascript:hit('href')}{click}$",
    r"$$\class{x}{\cssId{notebook}{\style{background:url(http://evil.test/style)}{y}}}$$",
    r"$\require{html}\unicode{x41}\bbox[background:url(http://evil.test/bbox)]{z}$",
    r"&#36;&#92;href{javascript:hit('entity')}{click}&#36;",
    r"$\let\x\href \def\y{\x} \newcommand{\leq}{\geq} a \leq b$",
    "```mermaid\nflowchart LR\n A@{ img: 'http://evil.test/mermaid.png' } --> B\n"
    ' click B href "javascript:hit(1)"\n```',
    "~~~ Mermaid\ngraph TD; A[<img src=http://evil.test/m2 onerror=hit(2)>]\n~~~",
    "![image.png](attachment:image.png)",
]

HONEST = """\
Two layers are **one**, since *products* of products are products: `a < b` and `List[int]`.

| layer | does |
|-------|------|
| W x   | turns, `<script>` too |

1. first
   - inner, 3 < 4 and x<y
2. second

```python
if a[0] < b[i](2): html = "<b>&amp;</b>"
```

The formula $f(x) = \\max(0, x)$ and $a<b$, R&D, and

$$\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}$$

See [the guide](https://numpy.org/doc), a raw <b>word</b>, and ![a drawing](attachment:drawing.png).
"""


def render(markdown: str) -> str:
    """Markdown as HTML, by nbconvert as it is configured for formgrader and feedback."""
    exporter = HTMLExporter(template_name="classic", exclude_anchor_links=True)
    return exporter.markdown2html({"cell": {}, "resources": {}}, markdown)


# --- Cleaning, without a browser ----------------------------------------------------------------


def test_an_honest_answer_reads_as_it_is_meant():
    page = render(written(HONEST))
    for part in (
        "<strong>one</strong>",
        "<em>products</em>",
        "<code>a &lt; b</code>",
        "<code>List[int]</code>",
        "<th>layer</th>",
        "<code>&lt; script&gt;</code>",
        "<ol>\n<li>first<ul>\n<li>inner, 3 &lt; 4 and x&lt; y</li>",
        "$f(x) = \\max(0, x)$ and $a&lt; b$",
        "\\begin{pmatrix} 1 &amp; 2 \\\\ 3 &amp; 4 \\end{pmatrix}",
        '<a href="https://numpy.org/doc">https://numpy.org/doc</a>',
        "&lt; b&gt;word&lt; /b&gt;",
        "[picture, not shown here: a drawing] (attachment:drawing.png)",
    ):
        assert part in page
    code = unescape(re.sub("<[^>]+>", "", re.search("<pre>(?s:.*?)</pre>", page)[0]))
    assert code.strip() == 'if a[0] < b[i] (2): html = "< b>& amp;< /b>"'


def test_prose_without_markup_is_not_changed():
    for chapter in sorted((ROOT / "course").glob("*/*.ipynb")):
        for cell in nbformat.read(chapter, as_version=4).cells:
            if cell.cell_type == "markdown" and not re.search(r"<|\][(:]|&", cell.source):
                assert written(cell.source) == cell.source


CHARACTERS = "<>[]()!&#;:\\`~$*_|\n\r\t\x1b\x00\ud800"
FRAGMENTS = [*MARKDOWN.values(), *TYPESET, *CHARACTERS, "javascript:", "&lt", "R&D "]
texts = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=5), max_size=12).map("".join)
OPENS = re.compile(r"<[A-Za-z/!?]|\][(:]|&(#|[A-Za-z]+;|lt)|\\(href|class|style|require)")


@settings(deadline=None)
@given(texts)
def test_no_answer_breaks_the_cleaner_or_a_page(text):
    cleaned = written(text)
    assert written(cleaned) == cleaned
    assert not OPENS.search(cleaned)
    cleaned.encode()
    for page in (render(cleaned), MarkdownIt("gfm-like", {"linkify": False}).render(cleaned)):
        assert "<img" not in page and "<script" not in page
        assert all(a.startswith("http") for a in re.findall('<a [^>]*href="([^"]*)', page))


@given(texts)
def test_text_of_any_kind_becomes_plain(text):
    assert plain(plain(text)) == plain(text)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", plain(text))


def test_pages_of_answers_made_to_be_slow_are_soon_rendered():
    begun = time.monotonic()
    for pattern in ("[", "*a ", "`", "$", "$$ ", "> ", "- ", "<", "|a", "\\begin{a}", "_*", "!["):
        render(written(pattern * 30_000))
    assert time.monotonic() - begun < 20


def streams(count: int, size: int = 10):
    return [v4.new_output("stream", text="x" * size) for _ in range(count)]


def test_every_size_has_a_limit_and_says_so():
    ids = [f"student-{n}" for n in range(110)]
    own = [v4.new_code_cell("#" * 50_000, id=name, outputs=streams(2)) for name in ids]
    error = v4.new_output("error", ename="E", evalue="x", traceback=["y" * 50_000, "the last line"])
    own[0].outputs = [error, *streams(1, 50_000)]
    own[1].outputs = streams(60)
    notebook = v4.new_notebook(cells=own)
    clean(notebook)
    once = nbformat.writes(notebook)
    assert len(notebook.cells) == cleaning.MAX_OWN_CELLS + 1
    assert notebook.cells[-1].source in (cleaning.MORE_CELLS, cleaning.CUT)
    first, second = notebook.cells[:2]
    assert first.source.endswith(cleaning.CUT) and len(first.source) <= cleaning.MAX_SOURCE
    assert first.outputs[0].traceback[0].endswith("the last line")
    assert cleaning.CUT_MIDDLE in first.outputs[0].traceback[0]
    assert first.outputs[1].text.endswith(cleaning.CUT)
    assert len(first.outputs[1].text) <= cleaning.MAX_OUTPUT
    assert len(second.outputs) == cleaning.MAX_OUTPUTS
    assert second.outputs[-1].text == cleaning.MORE_OUTPUTS
    assert len(once) < 2 * cleaning.MAX_PAGE + 110 * 1000
    assert written("a" * 50_000).endswith(cleaning.CUT)
    assert len(written("<a" * 50_000)) <= cleaning.MAX_ANSWER
    clean(notebook)
    assert nbformat.writes(notebook) == once


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)
forged = st.fixed_dictionaries(
    {"output_type": st.sampled_from(["stream", "error", "display_data", "execute_result", "x"])},
    optional={
        "text": values,
        "name": values,
        "traceback": values,
        "ename": values,
        "evalue": values,
        "execution_count": values,
        "metadata": values,
        "data": values | st.fixed_dictionaries({"text/plain": values, "text/html": values}),
    },
)


@settings(max_examples=50, deadline=None)
@given(st.lists(forged, max_size=4), values)
def test_whatever_a_kernel_sends_becomes_plain_outputs(sent, count):
    cell = v4.new_code_cell("x", id="student-0")
    cell.outputs, cell.execution_count = nbformat.from_dict(sent), count
    notebook = v4.new_notebook()
    notebook.cells.append(cell)
    clean(notebook)
    nbformat.validate(notebook)
    for output in notebook.cells[0].outputs:
        assert set(output.get("data", {"text/plain": ""})) == {"text/plain"}
        assert not output.get("metadata")
    once = nbformat.writes(notebook)
    once.encode()
    clean(notebook)
    assert nbformat.writes(notebook) == once


EXERCISE = "tensors.dense"
TEXT = f"{IMG.format('evidence')} `{IMG.format('code')}` *{IMG.format('star')}* \x1b[31m\ud800"
OUTCOMES = {
    "text": Text(TEXT),
    "error": Raised((TEXT, "ValueError"), TEXT, TEXT, TEXT, 3),
    "object": Other(TEXT, TEXT),
    "dict": Mapping(TEXT, ((TEXT, Text(TEXT)),)),
    "list": Sequence(TEXT, (Text(TEXT), Other(TEXT, TEXT)) * 50),
}


@pytest.mark.parametrize("kind", OUTCOMES)
def test_a_report_holds_no_markup_of_the_students(kind):
    expected = judge_cases(EXERCISE, [], 1).cases
    cases = [type(c.expected)(c.expected.name, OUTCOMES[kind], (TEXT,) * 100) for c in expected]
    verdict = judge_cases(EXERCISE, cases, 1, note=TEXT)
    html = Report(verdict, TEXT)._repr_html_()
    assert tags(html) <= OURS
    assert "hit(" in html and len(html) < 100_000
    html.encode()
    (repr(Report(verdict, TEXT)) + summary_line(verdict)).encode()
    assert "\x1b" not in html + repr(Report(verdict, TEXT)) + summary_line(verdict)


OURS = set("div strong p code em table tr td pre ul li details summary span caption".split())


def tags(html: str) -> set[str]:
    return set(re.findall(r"<(\w+)", html))


# --- In a browser -------------------------------------------------------------------------------

DANGEROUS = """
() => [...document.querySelectorAll('*')].flatMap(element => {
  const found = [...element.attributes].filter(({ name, value }) =>
    /^on/i.test(name) || /^(ping|background|srcset|formaction|autofocus)$/i.test(name)
    || (/^(src|href|poster|data|action|xlink:href)$/i.test(name)
        && !/^(https?:|data:image[/](png|jpeg|svg)|#|[/.])/.test(value))
    || (name == 'style' && /url/i.test(value)));
  const kinds = 'script iframe frame object embed applet base link meta form input button select '
    + 'textarea video audio source track svg math style template noscript dialog portal';
  const tag = element.localName;
  const odd = kinds.split(' ').includes(tag) ? [tag] : [];
  return [...odd, ...found.map(({ name, value }) => `${tag} ${name}=${value}`)];
})
"""


class Watched:
    """A page in which nothing that a payload does goes unseen."""

    def __init__(self, browser, local: str = "file:"):
        self.hits, self.requests = [], []
        self.local = local
        self.page = browser.new_page()
        self.page.set_default_timeout(90_000)  # a busy machine is slow, not wrong
        self.page.expose_binding("hit", lambda source, what=None: self.hits.append(what))
        self.page.route("**/*", self._request)
        self.page.on("dialog", lambda dialog: (self.hits.append("dialog"), dialog.dismiss()))

    def _request(self, route) -> None:
        url = route.request.url
        if url.startswith((self.local, "data:", "blob:")):
            route.continue_()
        else:
            self.requests.append(url)
            route.abort()

    def dangerous(self) -> Counter:
        return Counter(self.page.evaluate(DANGEROUS))

    def acts(self, html: str) -> list:
        """What a page with ``html`` does by itself, and what it holds that could act."""
        self.hits.clear(), self.requests.clear()
        self.page.set_content(f"<!DOCTYPE html><body>{html}", wait_until="commit")
        self.page.wait_for_timeout(20)
        held = []
        with suppress(playwright.sync_api.Error):  # the page is on its way elsewhere
            held += self.dangerous()
        return [*self.hits, *self.requests, *held]


def test_each_payload_acts_in_an_answer_as_it_is_and_none_when_it_is_cleaned(browser):
    watched = Watched(browser)
    acting = {name: watched.acts(render(text)) for name, text in MARKDOWN.items()}
    assert [name for name in acting if not acting[name]] == []
    watched = Watched(browser)
    acting = {name: watched.acts(render(written(text))) for name, text in MARKDOWN.items()}
    assert {name: found for name, found in acting.items() if found} == {}


# What runs in the kernel; each is a cell of its own. `send` speaks as the kernel does.
CELLS = [
    "from IPython.display import HTML, IFrame, Image, Javascript, Latex, Markdown, SVG, display",
    "send = lambda kind, **content: get_ipython().outbox.send("
    "{'output': {'output_type': kind, **content}})",
    "import sys; print(IMG)",
    "print(IMG, file=sys.stderr)",
    "print('\\x1b[38m \\x1b[31m', IMG, '\\x1b]0;title\\x07\\x1b[48;5m \\x00 \\x9b')",
    "raise ValueError(IMG + '\\x1b[38;2m' + '</pre>' + IMG)",
    "raise type(IMG, (Exception,), {})(IMG)",
    "type('T', (), {'__repr__': lambda self: IMG})()",
    "type('T', (), {'_repr_html_': lambda self: IMG, '_repr_svg_': lambda self: IMG})()",
    "display(HTML(IMG)); display(SVG(f'<svg xmlns=\"http://www.w3.org/2000/svg\">{IMG}</svg>'))",
    "display(Javascript('hit(1)')); display(Markdown(IMG)); display(Latex('$' + HREF + '$'))",
    "display(IFrame('http://evil.test/iframe', 9, 9)); display(Image(url='http://evil.test/i.png'))",
    "display({'text/html': IMG, 'text/plain': 'x'}, raw=True, metadata={'isolated': True,"
    " 'text/html': {'isolated': True}, 'filenames': {'image/png': IMG}})",
    "display({'application/vnd.jupyter.widget-view+json': {'model_id': IMG}}, raw=True)",
    "display({'application/vnd.tensors-to-memory.case+json': {'case': IMG}}, raw=True)",
    "%%html\n<script>hit('html')</script>",
    "%%javascript\nhit('javascript')",
    "%%svg\n<svg onload=\"hit('svg')\"></svg>",
    "'''</pre></div><script>hit('source')</script>''' # " + IMG.format("comment"),
]
# At the end, since what cannot be read ends the kernel.
FORGED = [
    "send('stream', name=IMG, text=IMG)",
    "send('display_data', data={'text/plain': [IMG], 'text/html': IMG}, metadata={}, transient={})",
    "send('execute_result', data={'text/plain': 'x'}, metadata={}, execution_count=IMG)",
    "send('error', ename=IMG, evalue=IMG, traceback=[IMG, 3])",
]


def hostile(work: Work) -> None:
    """Everything above, in every place that a submission has."""
    answer = next(c for c in work.notebook.cells if c.get("id") == QUESTION)
    answer.source = HONEST + "\n\n" + "\n\n".join([*TYPESET, *MARKDOWN.values()])
    answer.attachments = {"image.png": {"image/svg+xml": "<svg onload=hit()>"}}
    image, href = IMG.format("kernel"), TYPESET[0]
    raises, returns, names, shows, breaks, prints, *_ = work.exercises
    for exercise, body in {
        raises: "raise ValueError(IMG + HREF)",
        returns: "return IMG + HREF",
        names: "return {IMG: HREF, HREF: IMG}",
        shows: "return type(IMG, (), {'__repr__': lambda self: IMG + HREF})()",
        prints: "print(IMG); raise type(IMG, (KeyError,), {})(IMG)  # " + image,
    }.items():
        name = exercise.partition(".")[2]
        work.write(exercise, f"def {name}(*inputs, **named):\n    {body}")
    work.write(breaks, f"def oops(:  # {image} {href}")
    first = work.cell(raises)
    for source in [f"IMG, HREF = {image!r}, {href!r}", *CELLS]:
        cell = work.add(source, before=first)
        cell.metadata.update(tags=[image], name=image, trusted=True, raw_mimetype="text/html")
        cell.id = f"x{len(work.notebook.cells)}"
    for source in FORGED:
        work.add(source)
    for new in (v4.new_markdown_cell, v4.new_raw_cell):
        cell = new(image, metadata={"raw_mimetype": "text/html", "format": "text/html"})
        work.notebook.cells.insert(1, cell)
    for cell in work.notebook.cells:
        if checked_exercise(cell):
            cell.outputs = [v4.new_output("display_data", {"text/html": image})]
    widgets = {"application/vnd.jupyter.widget-state+json": {"state": {image: image}}}
    work.notebook.metadata.update(title=f"</title>{image}", widgets=widgets)
    work.notebook.metadata["language_info"] = {"name": image, "pygments_lexer": image}


def honest(work: Work) -> None:
    """An answer to compare with; what is solved does not matter here."""
    next(c for c in work.notebook.cells if c.get("id") == QUESTION).source = HONEST
    work.write(work.exercises[0], "def wrong(): pass")


@pytest.fixture(scope="module")
def classroom(tmp_path_factory) -> Course:
    """A course of one chapter, with the work of both graded by the real path."""
    root = tmp_path_factory.mktemp("classroom")
    there = small_course(root)
    folder = there.folder("release", CHAPTER)
    released = nbformat.read(folder / f"{CHAPTER}.ipynb", as_version=4)
    for make in (hostile, honest):
        submitted = there.folder("submitted", CHAPTER, make.__name__)
        submitted.mkdir(parents=True)
        work = Work(released, submitted, CHAPTER)
        make(work)
        work.save()
    for result in pipeline.grade(there, CHAPTER, ["hostile", "honest"]):
        assert not result.error
    for _, error in pipeline.feedback(there, CHAPTER, ["hostile", "honest"]):
        assert not error
    return there


def small_course(root: Path) -> Course:
    shutil.copy(ROOT / CONFIG, root)
    (root / "chapters").mkdir()
    shutil.copy(ROOT / "chapters" / f"{CHAPTER}.py", root / "chapters")
    entries = (ROOT / "chapters" / "chapters.toml").read_text().split("[[chapter]]")
    (entry,) = (entry for entry in entries if f'"{CHAPTER}"' in entry)
    (root / "chapters" / "chapters.toml").write_text("[[chapter]]" + entry)
    course = Course(root)
    list(build(course))
    return course


@contextmanager
def jupyter(there: Course, home: Path):
    """JupyterLab with formgrader in the course's folder; yields its address."""
    places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    own = {place: str(home / place.lower()) for place in places}
    chosen = home / "jupyter_config_dir/lab/user-settings/@jupyterlab/notebook-extension"
    chosen.mkdir(parents=True)
    every_cell = '{"windowingMode": "none"}'  # otherwise it draws only those in sight
    (chosen / "tracker.jupyterlab-settings").write_text(every_cell)
    port = free_port()
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += [f"--ServerApp.port={port}", "--IdentityProvider.token=", "--LabApp.news_url=None"]
    log = (home / "log").open("w")
    server = subprocess.Popen(
        command, cwd=there.root, env=environment() | own, stdout=log, stderr=log
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{address}/api", timeout=5).close()
                break
            except OSError:
                time.sleep(0.25)
        yield address
    finally:
        server.terminate()
        server.wait()
        log.close()


def submission_id(there: Course, student: str) -> str:
    with there.api.gradebook as gradebook:
        return gradebook.find_submission_notebook(CHAPTER, CHAPTER, student).id


MATHJAX = "https://cdnjs.cloudflare.com/ajax/libs/mathjax/"  # nbconvert's template loads it


def test_the_autograded_notebook_holds_no_markup_of_the_students(classroom):
    path = classroom.folder("autograded", CHAPTER, "hostile") / f"{CHAPTER}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert "\\u001b" not in path.read_text() and "hit(" not in json.dumps(notebook.metadata)
    printed, reported = [], []
    for cell in notebook.cells:
        assert not cell.get("attachments") and "trusted" not in cell.metadata
        for output in cell.get("outputs", []):
            assert not output.get("metadata")
            kinds = {"text/plain", "text/html"} if checked_exercise(cell) else {"text/plain"}
            assert set(output.get("data", ())) <= kinds
            printed.append(output.get("text", ""))
            reported.append(output.get("data", {}).get("text/html", ""))
    assert any("onerror" in text for text in printed), "what was to be cleaned did run"
    assert sum("onerror" in html for html in reported) >= 4


def test_the_feedback_does_nothing(classroom, browser):
    watched, found = Watched(browser), {}
    for student in ("hostile", "honest"):
        page = classroom.folder("feedback", CHAPTER, student) / f"{CHAPTER}.html"
        watched.page.goto(page.as_uri(), wait_until="load")
        found[student] = watched.dangerous()
    click_links(watched)
    assert watched.hits == []
    assert [url for url in watched.requests if not url.startswith(MATHJAX)] == []
    assert found["hostile"] == found["honest"]


def click_links(watched: Watched) -> None:
    """Click what a student may have made a link of; none may lead to a host of the student's."""
    for link in watched.page.locator("a:not([href^=http])").all()[:200]:
        link.dispatch_event("click")


def test_formgrader_and_jupyterlab_do_nothing(classroom, browser, tmp_path):
    there = classroom
    with jupyter(there, tmp_path) as address:
        watched, found = Watched(browser, address), {}
        for student in ("hostile", "honest"):
            url = f"{address}/formgrader/submissions/{submission_id(there, student)}/"
            watched.page.goto(url, wait_until="load")
            watched.page.locator("textarea.comment").first.wait_for()
            found[student] = watched.dangerous()
        assert watched.hits == []
        assert [url for url in watched.requests if not url.startswith(MATHJAX)] == []
        assert found["hostile"] == found["honest"]

        path = there.folder("autograded", CHAPTER, "hostile").relative_to(there.root)
        watched.requests.clear()
        watched.page.goto(f"{address}/lab/tree/{path}/{CHAPTER}.ipynb")
        answer = watched.page.locator(".jp-MarkdownCell", has_text="Two layers are")
        answer.locator("mjx-container").first.wait_for()
        watched.page.wait_for_timeout(1000)
        click_links(watched)
        assert answer.locator("strong", has_text="one").count() == 1
        assert watched.hits == []
        assert watched.requests == []
