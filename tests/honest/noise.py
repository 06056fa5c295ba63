"""What is printed, shown and logged along the way."""

import nbformat

from autograder import demo
from tests.corpus import Work
from tests.honest import honest


def say_in_each(work: Work, statements: str) -> None:
    """Begin the body of every answer with ``statements``."""
    for exercise in work.exercises:
        work.write(exercise, demo.begin_with(exercise, statements))


@honest()
def warns_on_stderr(work):
    """Every function warns and writes to stderr, and the functions are right."""
    say_in_each(
        work,
        "import sys, warnings\n"
        "warnings.warn('this is deprecated', DeprecationWarning, stacklevel=1)\n"
        "warnings.warn(f'careful with this', RuntimeWarning, stacklevel=1)\n"
        "print('careful', file=sys.stderr)",
    )


@honest()
def prints_everywhere(work):
    """Prints stand in every function and beside every definition."""
    say_in_each(work, "print('called with', locals())")
    for exercise in work.exercises:
        cell = work.cell(exercise)
        cell.source = f"print('before')\n{cell.source}\nprint('defined', {exercise[8:]})"


@honest()
def prints_a_hundred_kilobytes(work):
    """A cell prints 100 kB, and so does a function, whenever it is called."""
    work.write("tensors.rotation", demo.begin_with("tensors.rotation", "print('x' * 100_000)"))
    work.add("print('line of text\\n' * 8_000)", before=work.cell("tensors.rotation"))


@honest()
def prints_colors_and_progress(work):
    """The prints have colors, carriage returns, emoji, bells and no line ends."""
    say_in_each(
        work,
        r"for step in range(3):" + "\n"
        r"    print(f'\r\033[1;31mstep {step}\033[0m \u2588\u2588 \U0001f40d \x07\x08', end='')",
    )


@honest()
def clears_the_output(work):
    """A function shows its progress and clears what was shown before."""
    statements = "from IPython.display import clear_output\nclear_output(wait=True)\nprint(1)"
    work.write("tensors.dense", demo.begin_with("tensors.dense", statements))
    statements = "from IPython.display import clear_output\nprint(1)\nclear_output()"
    work.write("tensors.rotation", demo.begin_with("tensors.rotation", statements))


@honest()
def logs(work):
    """The root logger writes everything, also what libraries log."""
    work.add(
        "import logging\n"
        "logging.basicConfig(level=logging.DEBUG, force=True)\n"
        "log = logging.getLogger('homework')",
        before=work.cell(work.exercises[0]),
    )
    say_in_each(work, "log.debug('called'); log.error('no error at all')")


@honest()
def shows_bars(work):
    """Progress bars of tqdm, as text and as widgets, stand around the loops."""
    work.add(
        "from tqdm import tqdm, trange\nfrom tqdm.notebook import tqdm as widget_bar",
        before=work.cell(work.exercises[0]),
    )
    source = demo.right("tensors.relu_loop")
    source = source.replace("range(x.shape[0])", "trange(x.shape[0], desc='rows')")
    source = source.replace("range(x.shape[1])", "widget_bar(range(x.shape[1]))")
    work.write("tensors.relu_loop", source)


@honest()
def shows_figures(work):
    """A function draws and shows a figure, and another one leaves its figures open."""
    drawing = "import matplotlib.pyplot as plt\nplt.figure()\nplt.plot([1, 2, 3])\n"
    work.write("tensors.dense", demo.begin_with("tensors.dense", drawing + "plt.show()"))
    work.write("tensors.rotation", demo.begin_with("tensors.rotation", drawing))
    work.add("%matplotlib inline\n" + drawing, before=work.cell("tensors.dense"))


@honest()
def shows_rich_results(work):
    """HTML, formulas, Markdown and widgets are shown by a function and at the end of cells."""
    show = (
        "from IPython.display import HTML, Latex, Markdown, display\n"
        "display(HTML('<b>bold</b>'), Latex('$x$'), Markdown('# title'), {'a': 1})"
    )
    work.write("tensors.dense", demo.begin_with("tensors.dense", show))
    work.cell("tensors.dense").source += "\n\ndense"
    work.add("import ipywidgets\nipywidgets.interact(lambda k: k, k=(0, 9))")


@honest()
def writes_its_prints_into_a_file(work):
    """What is printed goes into a file from here on."""
    work.add("import sys\nsys.stdout = open('log.txt', 'w')", before=work.cell(work.exercises[0]))
    say_in_each(work, "print('called')")


@honest()
def outputs_of_megabytes_are_saved(work):
    """The notebook was saved with outputs of five megabytes."""
    picture = {"image/png": "iVBORw0KGgo" * 300_000, "text/plain": "<Figure>"}
    cell = work.add("plt.show()", before=work.cell("tensors.dense"))
    cell.outputs = [
        nbformat.v4.new_output("display_data", picture),
        nbformat.v4.new_output("stream", text="0 1 2 3\n" * 200_000),
    ]
    work.check_cell("tensors.dense").outputs = cell.outputs
