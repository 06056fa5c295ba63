"""Ideas that put something into the pages that an instructor or another student opens."""

from tests.corpus import Work
from tests.hostile import MARK, answer, begin, hostile

SCRIPT = f"<script>alert('{MARK}')</script>"
HANDLER = f"<img src=x onerror=\"alert('{MARK}')\">"
REMOTE = f"<img src='http://192.0.2.1/{MARK}.png'>"
ALL = (
    SCRIPT + HANDLER + REMOTE + f"<iframe srcdoc=\"{SCRIPT}\"></iframe><svg onload=alert('{MARK}')>"
)


def written(work: Work):
    """The text cell in which a question is answered."""
    return next(c for c in work.notebook.cells if c.id.startswith("written-"))


@hostile()
def displays_a_page(work: Work) -> None:
    """Displays HTML and pictures that hold scripts."""
    begin(
        work,
        f"""
        from IPython.display import HTML, SVG, IFrame, display

        display(HTML({ALL!r}))
        drawing = "<svg xmlns='http://www.w3.org/2000/svg'>" + {ALL!r} + "</svg>"
        display({{"image/svg+xml": drawing}}, raw=True)
        display(IFrame("http://192.0.2.1/{MARK}", 10, 10))
        """,
    )


@hostile()
def displays_a_program(work: Work) -> None:
    """Displays JavaScript, and types of output whose renderers run it."""
    begin(
        work,
        f"""
        from IPython.display import display

        kinds = ("application/javascript", "text/latex", "text/markdown", "application/x-evil+json",
                 "application/vnd.jupyter.widget-view+json", "text/vnd.mermaid", "image/png",
                 "application/vnd.plotly.v1+json", "application/vdom.v1+json", "application/pdf")
        for kind in kinds:
            display({{kind: {ALL!r}}}, raw=True, metadata={{"isolated": True, "class": {ALL!r}}})
        """,
    )


@hostile()
def prints_a_page(work: Work) -> None:
    """Prints HTML, on both streams, with the codes that color a terminal around and inside it."""
    begin(
        work,
        f"""
        import sys

        for stream in sys.stdout, sys.stderr:
            print({ALL!r}, file=stream)
            print("\\x1b[31m" + {ALL!r} + "\\x1b[38;2;1;2;3m<b\\x1b[0m>", file=stream)
            print("\\x1b]8;;javascript:alert('{MARK}')\\x07link\\x1b]8;;\\x07", file=stream)
        """,
    )


@hostile()
def raises_a_page(work: Work) -> None:
    """Raises errors whose class, message and traceback are HTML."""
    answer(
        work,
        "tensors.dense",
        f"""
        page = {ALL!r}
        Error = type(page, (Exception,), {{}})

        def dense(x, W, b):
            raise Error(page)

        dense.__code__ = dense.__code__.replace(co_name=page, co_qualname=page)
        raise Error(page)
        """,
    )


@hostile()
def returns_a_page(work: Work) -> None:
    """Returns HTML from its functions, which the report on them shows."""
    answer(
        work,
        "tensors.dense",
        f"""
        page = {ALL!r}
        Page = type(page, (), {{"__repr__": lambda self: page, "_repr_html_": lambda self: page}})

        def dense(x, W, b):
            return [page, Page(), {{page: page}}][int(x[0, 0]) % 3]
        """,
    )
    answer(
        work,
        "tensors.rotation",
        f"""
        page = {ALL!r}

        def rotation(angle):
            raise ValueError(page)

        rotation.__code__ = rotation.__code__.replace(co_name=page, co_qualname=page)
        """,
    )


@hostile()
def writes_a_page(work: Work) -> None:
    """Writes scripts into the answer to a question."""
    written(work).source = f"Because of this: {ALL}\n\n{ALL}\n\n<details ontoggle=alert('{MARK}')>"


@hostile()
def writes_links_that_run(work: Work) -> None:
    """Writes links, pictures and formulas into an answer, which call addresses or run scripts."""
    written(work).source = "\n\n".join(
        [
            f"[look](javascript:alert('{MARK}'))",
            f"![look](http://192.0.2.1/{MARK}.png)",
            f"[look][1]\n\n[1]: jAvAsCrIpT&colon;alert('{MARK}')",
            f"<a href='&#106;avascript:alert(\"{MARK}\")'>look</a>",
            f"<http://192.0.2.1/{MARK}>",
            rf"$\href{{javascript:alert('{MARK}')}}{{x}}$ $\class{{{MARK}}}{{x}}$",
            f"$$<img src=x onerror=alert('{MARK}')>$$",
            f"`x`<style>@import 'http://192.0.2.1/{MARK}.css';</style>",
            f"<link rel=stylesheet href=http://192.0.2.1/{MARK}>",
            f"<div style=\"background: url('http://192.0.2.1/{MARK}')\">x</div>",
            f"<form action=http://192.0.2.1/{MARK}><button>More</button></form>",
            f"<meta http-equiv=refresh content='0; url=http://192.0.2.1/{MARK}'>",
            f"<base href=http://192.0.2.1/{MARK}/>",
            f"<object data=http://192.0.2.1/{MARK}></object>",
            f"<video src=http://192.0.2.1/{MARK} poster=http://192.0.2.1/{MARK}></video>",
            f"<svg><use href=http://192.0.2.1/{MARK}#a /></svg>",
            f"<math><mtext><table><mglyph><style><img src=x onerror=alert('{MARK}')>",
            f"<!--><img src=x onerror=alert('{MARK}')>-->",
            f"<textarea></textarea><img/src/onerror=alert('{MARK}')>",
            f"![x](attachment:{MARK}.svg)",
        ]
    )
    written(work)["attachments"] = {f"{MARK}.svg": {"image/svg+xml": "PHN2Zy8+"}}


@hostile()
def ends_the_page_early(work: Work) -> None:
    """Closes, in code and in an answer, the elements of the page in which they will stand."""
    end = f"</textarea></code></pre></div></script></style></template></body>{ALL}"
    begin(work, f"# {end}\nprint(r'''{end}''')")
    written(work).source = end


@hostile()
def names_itself_in_metadata(work: Work) -> None:
    """Writes scripts into title, authors and names, which pages show in their head."""
    metadata = work.notebook.metadata
    metadata.title = f"</title>{ALL}"
    metadata.authors = [{"name": ALL}]
    metadata.language_info = {"name": "python", "pygments_lexer": ALL, "mimetype": ALL}
    metadata.widgets = {"application/vnd.jupyter.widget-state+json": {"state": {}, "x": ALL}}
    for cell in work.notebook.cells:
        cell.metadata["name"] = cell.metadata["id"] = ALL


@hostile()
def writes_what_takes_long_to_read(work: Work) -> None:
    """Writes an answer that takes programs that read Markdown very long."""
    written(work).source = "\n".join(
        [
            "[" * 5_000,
            "> " * 5_000 + "x",
            "*a **b " * 3_000,
            "`" * 4_999 + " " + "`" * 4_998,
            "<" * 5_000,
            "![" * 3_000 + "](" * 3_000,
            "\n".join(" " * n + "- x" for n in range(300)),
            "&" * 5_000,
            "a_" * 5_000,
        ]
    )
