"""Ideas that speak to the grader past the kernel: forged and damaged messages, a broken link."""

from textwrap import dedent

from tests.corpus import Work
from tests.hostile import answer, begin, hostile

# The kernel's own end of the link, which whoever runs in the kernel can use.
WIRE = '''
import json
import os
import socket
import struct
import threading
import time
from IPython import get_ipython

EVIDENCE = "application/vnd.tensors-to-memory.case+json"
NAMES = ("take_batch", "relu_loop", "broadcast_shapes", "add_loop", "matmul_loop", "rotation",
         "compose_affine", "dense")
ZERO = "AAAAAAAAAAA="  # eight bytes
outbox = get_ipython().outbox
link, end = outbox.link, outbox.link.end


def head(size):
    return struct.pack("!I", size)


def send_text(text):
    end.sendall(head(len(text)) + text)


def send(message):
    send_text(json.dumps(message).encode())


def show(kind, **content):
    send({"output": {"output_type": kind, **content}})


def claim(case="worked by hand", **outcome):
    """Send evidence."""
    outcome = outcome or {"kind": "text", "value": "1"}
    data = {EVIDENCE: {"case": case, "changed": [], "outcome": outcome}, "text/plain": "4.0"}
    show("display_data", data=data)


def claim_zeros(exercise, seed):
    """Send evidence of every case of an exercise, as a function that returns zeros would make it.

    It has the right names, inputs and shapes.
    """
    import numpy as np
    from autograder import exercises
    from autograder.evidence import to_json

    def zeros(*inputs, **named):
        return np.zeros_like(inputs[0]) if isinstance(inputs[0], np.ndarray) else np.zeros((2, 2))

    def tell(case):
        show("display_data", data={EVIDENCE: to_json(case)})

    exercises.find(exercise).run(zeros, seed, on_case=tell)
'''


def wired(source: str) -> str:
    return WIRE + dedent(source)


def begin_wire(work: Work, source: str) -> None:
    begin(work, wired(source))


def answer_wire(work: Work, exercise: str, source: str) -> None:
    answer(work, exercise, wired(source))


# --- Forged answers -------------------------------------------------------------------------------


@hostile()
def says_that_it_has_ended(work: Work) -> None:
    """Says over and over that the cell has ended, and goes on."""
    begin_wire(
        work,
        """
        for _ in range(200):
            send({"done": 0.1})
            print("x")
        """,
    )


@hostile()
def answers_before_it_is_asked(work: Work) -> None:
    """Sends the evidence and the ends of all later cells at once, before the grader asks."""
    begin_wire(
        work,
        """
        for name in NAMES:
            send({"done": 0.1})
            send({"done": 0.1})
            for case in "worked by hand", "one output", "no turn", "a single number":
                claim(case)
                claim(case, kind="array", of="float", dtype="float64", shape=[], data=ZERO)
        """,
    )


@hostile()
def ends_each_cell_twice(work: Work) -> None:
    """Makes the kernel say twice that a cell has ended, so that answers come to other questions."""
    begin_wire(
        work,
        """
        from autograder.kernel import Outbox

        honest = Outbox.send

        def twice(self, message):
            honest(self, message)
            if "done" in message:
                honest(self, message)

        Outbox.send = twice
        """,
    )


@hostile()
def takes_absurdly_long(work: Work) -> None:
    """Says of each cell that it took a time that is no time."""
    begin_wire(
        work,
        """
        from itertools import cycle
        from autograder.kernel import Outbox

        honest = Outbox.send
        times = cycle(["NaN", "Infinity", "-1e308", "1e999", "9" * 4_000, "null", "true", "[]",
                       "{}", '"1"', "-0.0", "299.9"])

        def absurd(self, message):
            if "done" in message:
                send_text(f'{{"done": {next(times)}}}'.encode())
            else:
                honest(self, message)

        Outbox.send = absurd
        """,
    )


@hostile()
def reads_the_next_request(work: Work) -> None:
    """Ends its cell early, reads what the grader asks, and answers in the kernel's place."""
    begin_wire(
        work,
        """
        import re

        send({"done": 0.1})
        while True:
            source = link.receive()["run"]
            asked = re.search(r"collect\\('([\\w.]+)', (\\d+)\\)", source)
            try:
                if asked:
                    claim_zeros(asked[1], int(asked[2]))
                else:
                    show("stream", name="stdout", text=f"read: {source[:50]}")
            except Exception as error:
                show("stream", name="stdout", text=repr(error))
            send({"done": 0.1})
        """,
    )


@hostile()
def reads_in_a_child(work: Work) -> None:
    """Leaves a child that reads what the kernel is asked, in turn with the kernel."""
    begin_wire(
        work,
        """
        if os.fork() == 0:
            while True:
                try:
                    message = link.receive()
                    claim()
                    send({"done": 0.1})
                except Exception as error:
                    os._exit(0)
        """,
    )


@hostile()
def sits_in_between(work: Work) -> None:
    """Puts itself between kernel and grader, and edits what either says."""
    begin_wire(
        work,
        """
        from autograder.link import NO_LIMIT, Link

        grader = Link(socket.socket(fileno=os.dup(end.fileno())), NO_LIMIT)
        mine, kernels = socket.socketpair()
        os.dup2(kernels.fileno(), end.fileno())
        kernel = Link(mine, NO_LIMIT)

        def pass_on(source, target, edit):
            while True:
                target.send(edit(source.receive()))

        def ask(message):
            message["run"] = message["run"].replace("collect.collect", "collect._forged")
            return message

        def reply(message):
            data = message.get("output", {}).get("data", {})
            if EVIDENCE in data:
                data[EVIDENCE]["outcome"] = {"kind": "text", "value": "between"}
            return message

        import autograder.collect
        autograder.collect._forged = lambda exercise, seed: claim("worked by hand")
        threading.Thread(target=pass_on, args=(grader, kernel, ask), daemon=True).start()
        threading.Thread(target=pass_on, args=(kernel, grader, reply), daemon=True).start()
        print("between")
        """,
    )


@hostile()
def speaks_for_other_exercises(work: Work) -> None:
    """Sends evidence for each exercise in every cell, when it begins and before it ends."""
    begin_wire(
        work,
        """
        def claim_all(*anything):
            for case in "worked by hand", "one output", "no turn", "a row meets a table":
                claim(case)
                claim(case, kind="text", value="right", passed=True, score=1.0)
            for number, name in enumerate(NAMES):
                claim_zeros(f"tensors.{name}", number)

        claim_all()
        get_ipython().events.register("pre_run_cell", claim_all)
        get_ipython().events.register("post_run_cell", claim_all)
        """,
    )


@hostile()
def collects_for_itself(work: Work) -> None:
    """Puts in the collector's place one that knows seed, cases, names and shapes."""
    begin_wire(work, "import autograder.collect\nautograder.collect.collect = claim_zeros")


@hostile()
def edits_what_is_sent(work: Work) -> None:
    """Replaces the kernel's own functions that show and send by some that turn wrong into right."""
    begin_wire(
        work,
        """
        from autograder.kernel import Outbox, Shell

        honest, shown = Outbox.send, Shell.show

        def edit(self, message):
            data = message.get("output", {}).get("data", {})
            if EVIDENCE in data:
                data[EVIDENCE]["changed"] = []
                data[EVIDENCE]["outcome"] = {"kind": "text", "value": "right", "passed": True}
            if message.get("output", {}).get("output_type") == "error":
                message = {"output": {"output_type": "stream", "name": "stdout", "text": "fine"}}
            honest(self, message)

        def show_twice(self, kind, data):
            shown(self, kind, data)
            shown(self, "execute_result", data | {"text/plain": "4.0"})

        Outbox.send, Shell.show = edit, show_twice
        """,
    )


@hostile()
def changes_an_earlier_cell(work: Work) -> None:
    """Shows something in each cell, and changes it from a later one into evidence and scores."""
    begin_wire(
        work,
        """
        from IPython.display import clear_output, display, update_display

        data = {EVIDENCE: {"case": "worked by hand", "changed": [],
                           "outcome": {"kind": "text", "value": ""}}, "text/plain": "4.0"}

        def update(*anything):
            display({"text/plain": "0"}, raw=True, display_id="same")
            update_display(data, raw=True, display_id="same")
            transient = {"display_id": "same"}
            show("update_display_data", data=data, metadata={}, transient=transient)
            show("display_data", data=data, metadata={}, transient=transient)
            show("clear_output", wait=True)
            clear_output()

        update()
        get_ipython().events.register("post_execute", update)
        """,
    )


# --- Damaged messages -----------------------------------------------------------------------------


@hostile()
def sends_broken_json(work: Work) -> None:
    """Sends a message that is no JSON."""
    begin_wire(work, "send_text(b'{\"done\": 0.1')\nprint('after')")


@hostile()
def sends_bytes_that_are_no_text(work: Work) -> None:
    """Sends a message in which no text can be read."""
    begin_wire(work, "send_text(b'{\"done\": \"\\xff\\xfe\\x00\\xd8\"}')\nprint('after')")


@hostile()
def sends_an_empty_message(work: Work) -> None:
    """Sends messages of no bytes at all."""
    begin_wire(work, "end.sendall(bytes(4_000))\nprint('after')")


@hostile()
def nests_a_message(work: Work) -> None:
    """Sends JSON that is nested a hundred thousand times."""
    begin_wire(work, "send_text(b'{\"output\":' * 100_000 + b'1' + b'}' * 100_000)\nprint('after')")


@hostile()
def nests_what_can_still_be_read(work: Work) -> None:
    """Sends outputs and evidence nested as deeply as JSON is read, and deeper than it is copied."""
    source = """
        template = '{"output": {"output_type": "display_data", "data": {"%s": %s}, "metadata": %s}}'
        for depth in *range(100, 1_000, 50), *range(1_000, 100, -100):
            for start, stop in ("[", "]"), ('{"a":', "}"):
                nested = start * depth + "1" + stop * depth
                for kind in EVIDENCE, "text/plain":
                    send_text((template % (kind, nested, nested)).encode())
                    send_text((template % (kind, '"x"', nested)).encode())
        """
    begin_wire(work, source.replace("*range(100, 1_000, 50), *range(1_000, 100, -100)", "90, 450"))
    answer_wire(work, "tensors.dense", "def dense(x, W, b):" + source.replace("\n", "\n    "))


@hostile()
def sends_a_list_for_a_dict(work: Work) -> None:
    """Sends a list that holds what a message holds."""
    begin_wire(work, "send([['done', 0.1], 'done'])\nprint('after')")


@hostile()
def writes_a_number_of_a_million_digits(work: Work) -> None:
    """Sends numbers that take hours to read."""
    begin_wire(work, "send_text(b'{\"done\": ' + b'9' * 1_000_000 + b'}')\nprint('after')")


@hostile()
def sends_outputs_of_odd_types(work: Work) -> None:
    """Sends outputs whose name, text and traceback are of types that no output has."""
    begin_wire(
        work,
        """
        odd = None, 7, [], {"a": 1}, [["x"]], True, "", 1e308, float("nan"), "nbgrader"
        for value in odd:
            send({"output": value})
            send({"outputs": value, "run": "print(1)", "ready": value, "seen": value})
            show(value, text=value, data=value)
            show("stream", name=value, text=value)
            show("stream", name="stdout", text=value)
            show("stream", name=value, text="text")
            show("error", ename=value, evalue=value, traceback=value)
            show("error", ename="E", evalue="e", traceback=[value, [value], "line"])
            show("error", ename="E", evalue="e", traceback=value)
            for kind in "display_data", "execute_result":
                show(kind, data=value, metadata=value)
                show(kind, data={"text/plain": value, EVIDENCE: value}, execution_count=value)
        """,
    )


@hostile()
def claims_of_odd_types(work: Work) -> None:
    """Sends evidence whose parts are of types, sizes and values that no evidence has."""
    answer_wire(
        work,
        "tensors.dense",
        """
        odd = (None, 7, [], {}, {"kind": "text"}, [["x"]], True, "", 1e308, float("nan"), -1, 2**70,
               float("inf"), "A" * 1_000, chr(0xD800))

        def dense(x, W, b):
            for value in odd:
                show("display_data", data={EVIDENCE: value})
                show("display_data", data={EVIDENCE: {"case": value, "changed": value,
                                                      "outcome": value}})
                claim("one output", kind=value, value=value, items=value, entries=value)
                claim("one output", kind="array", of=value, dtype=value, shape=value, data=value)
                claim("one output", kind="array", of="list", dtype="float64", shape=[value, value],
                      data=ZERO)
                claim("one output", kind="raised", classes=value, message=value, function=value,
                      line=value, number=value)
        """,
    )


@hostile()
def sends_half_a_letter(work: Work) -> None:
    """Sends halves of letters as text, as names and as evidence."""
    begin_wire(
        work,
        """
        half = chr(0xD800)
        show("stream", name="stdout", text=half)
        show("error", ename=half, evalue=half, traceback=[half])
        show("execute_result", data={"text/plain": half, half: half})
        claim(half, kind="text", value=half)
        send({half: half})
        """,
    )


@hostile()
def sends_much_in_little(work: Work) -> None:
    """Sends messages of some megabytes that are millions of small things when they are read."""
    things = """
        text = b"[" + b"[],{}," * 640_000 + b"0]"
        for _ in range(3):
            send_text(b'{"output": {"output_type": "display_data", "data": {"%s": %s}}}'
                      % (EVIDENCE.encode(), text))
            send_text(b'{"x": ' + text + b'}')
        """
    begin_wire(work, things)
    answer(work, "tensors.dense", "def dense(x, W, b):\n" + dedent(things).replace("\n", "\n    "))


@hostile()
def claims_much_in_little(work: Work) -> None:
    """Sends as evidence of every exercise what is millions of small things when it is read."""
    for name in work.exercises:
        function = name.partition(".")[2]
        answer_wire(
            work,
            name,
            f"""
            things = b"[" + b"[],{{}}," * 250_000 + b"0]"
            template = b'{{"output": {{"output_type": "display_data", "data": {{"%s": %s}}}}}}'
            left = [template % (EVIDENCE.encode(), things)] * 5  # 7.5 MB

            def {function}(*inputs):
                while left:
                    send_text(left.pop())
            """,
        )


@hostile()
def claims_nothing_a_million_times(work: Work) -> None:
    """Sends for every exercise as many pieces of evidence as may be sent, each of a few bytes."""
    for name in work.exercises:
        function = name.partition(".")[2]
        answer_wire(
            work,
            name,
            f"""
            little = {{"output": {{"output_type": "display_data", "data": {{EVIDENCE: 0}}}}}}
            text = json.dumps(little).encode()
            left = [(head(len(text)) + text) * 10_000] * 7

            def {function}(*inputs):
                while left:
                    end.sendall(left.pop())
            """,
        )


@hostile()
def raises_a_megabyte(work: Work) -> None:
    """Sends errors whose names, messages and tracebacks are as long as an output may be."""
    raised = """
        show("error", ename="E" * 200_000, evalue="e" * 200_000, traceback=["x" * 250_000])
        show("error", ename="<b>", evalue="<b>", traceback=["<b>"] * 40_000)
        """
    begin_wire(work, raised)
    answer_wire(work, "tensors.dense", raised)


@hostile()
def claims_more_than_it_may(work: Work) -> None:
    """Sends evidence larger than evidence may be, and text of megabytes beside it."""
    answer_wire(
        work,
        "tensors.dense",
        """
        large = "x" * 3_000_000

        def dense(x, W, b):
            claim("one output", kind="text", value=large)
            show("display_data", data={EVIDENCE: 1, "text/plain": large})
            for _ in range(20):
                claim("one output", kind="text", value=large)
            print(REACHED)
        """,
    )
    answer_wire(
        work,
        "tensors.rotation",
        """
        def rotation(angle):
            for _ in range(200):
                show("display_data", data={EVIDENCE: {}, "text/plain": "x" * 30_000})
        """,
    )


# --- Pace -----------------------------------------------------------------------------------------


@hostile()
def speaks_letter_by_letter(work: Work) -> None:
    """Sends messages byte by byte, also their lengths, and two messages and a half at once."""
    begin_wire(
        work,
        """
        text = b'{"output": {"output_type": "stream", "name": "stdout", "text": "slow"}}'
        for letter in (head(len(text)) + text) * 50:
            end.sendall(bytes([letter]))
        end.sendall((head(len(text)) + text) * 2 + head(len(text)) + text[:20])
        time.sleep(0.1)
        end.sendall(text[20:])
        """,
    )


@hostile()
def promises_gigabytes(work: Work) -> None:
    """Announces a message of four gigabytes, sends none of it, and goes on as if it had."""
    begin_wire(work, 'end.sendall(head(2**32 - 1))\nprint("after")')


@hostile()
def keeps_a_promise_of_gigabytes(work: Work) -> None:
    """Announces messages of four gigabytes, and sends them as fast as it can."""
    begin_wire(
        work,
        """
        block = bytes(2**24)
        for _ in range(2):
            end.sendall(head(2**32 - 1))
            for _ in range(2**8 - 1):
                end.sendall(block)
            end.sendall(block[1:])
        """,
    )


@hostile()
def stops_in_the_middle(work: Work) -> None:
    """Sends half a message, and then nothing at all, not even when it is interrupted."""
    begin_wire(
        work,
        """
        import signal

        signal.signal(signal.SIGINT, signal.SIG_IGN)
        end.sendall(head(1_000) + b'{"output": {"output_type": "stream"')
        time.sleep(60)
        """,
    )


@hostile()
def says_nothing_a_million_times(work: Work) -> None:
    """Sends millions of empty messages, each of which is too small to be a print."""
    begin_wire(
        work,
        """
        for _ in range(300):
            end.sendall((head(2) + b"{}") * 10_000)
        print(REACHED)
        """,
    )


@hostile()
def sends_much_at_once(work: Work) -> None:
    """Sends large messages faster than the grader can read them."""
    begin_wire(
        work,
        """
        text = b'{"output": {"output_type": "stream", "text": "' + b"x" * 50_000_000 + b'"}}'
        for _ in range(60):
            send_text(text)
        print(REACHED)
        """,
    )


@hostile()
def babbles_between_cells(work: Work) -> None:
    """Leaves threads that print, claim and send what is no output, for ever, also between cells."""
    begin_wire(
        work,
        """
        def babble(say):
            while True:
                with outbox.lock:
                    say()

        for say in (lambda: send({"x": 1}), lambda: claim("one output"), lambda: print("babble"),
                    lambda: send({"done": 0.0})):
            threading.Thread(target=babble, args=[say], daemon=True).start()
        """,
    )


@hostile()
def does_not_read_what_it_is_asked(work: Work) -> None:
    """Ends its cell early, and reads nothing while the grader sends it megabytes."""
    begin_wire(work, 'print("sleeps", flush=True)\nsend({"done": 0.1})\ntime.sleep(60)')
    begin(work, "long = '" + "\U0001f600" * 900_000 + "'")


@hostile()
def asks_for_input(work: Work) -> None:
    """Asks the grader to type something, and waits."""
    begin_wire(
        work,
        """
        import getpass
        import sys

        for ask in input, getpass.getpass, sys.stdin.readline, lambda: os.read(0, 1):
            try:
                print(ask())
            except Exception as error:
                print(type(error).__name__)
        send({"input_request": {"prompt": "Which mark shall I have? "}})
        """,
    )


# --- A link in disorder ---------------------------------------------------------------------------


@hostile()
def closes_everything(work: Work) -> None:
    """Closes all open files and sockets of the kernel."""
    begin(work, "import os\nos.closerange(0, 4096)")


@hostile()
def closes_the_link(work: Work) -> None:
    """Closes every socket to the grader that it finds, and goes on as if nothing had been."""
    begin(
        work,
        """
        import gc
        import os
        import socket
        from autograder.link import Link

        for thing in gc.get_objects():
            try:
                if isinstance(thing, Link | socket.socket):
                    thing.close()
            except OSError as error:
                print(error)
        for number in range(3, 200):
            try:
                if os.readlink(f"/proc/self/fd/{number}").startswith("socket"):
                    os.close(number)
            except OSError:
                continue
        """,
    )


@hostile()
def stops_speaking(work: Work) -> None:
    """Shuts its end of the link for writing, and goes on."""
    begin_wire(work, "end.shutdown(socket.SHUT_WR)\ntime.sleep(60)")


@hostile()
def stops_listening(work: Work) -> None:
    """Shuts its end of the link for reading, so that nobody can ask it anything."""
    begin_wire(work, 'end.shutdown(socket.SHUT_RD)\nprint("deaf")')


@hostile()
def puts_something_in_the_links_place(work: Work) -> None:
    """Puts a file, a pipe and a socket of its own where the link was, and answers there."""
    begin_wire(
        work,
        """
        import tempfile

        kept = os.dup(end.fileno())
        mine, others = socket.socketpair()
        for other in os.open("/dev/null", os.O_RDWR), os.pipe()[0], others.fileno():
            os.dup2(other, end.fileno())
        text = b'{"run": "print(1)"}'
        mine.sendall((head(len(text)) + text) * 5)
        os.write(kept, head(13) + b'{"done": 0.1}')
        """,
    )


@hostile()
def leaves_the_link_to_a_child(work: Work) -> None:
    """Ends the kernel, while a child of it holds the link open and stays."""
    begin_wire(
        work,
        """
        if os.fork() == 0:
            os.setsid()
            time.sleep(60)
        os._exit(0)
        """,
    )


@hostile()
def leaves_a_child_that_answers(work: Work) -> None:
    """Ends the kernel by a signal that nobody handles, and lets a child answer in its place."""
    begin_wire(
        work,
        """
        import signal

        if os.fork():
            os.kill(os.getpid(), signal.SIGUSR1)
        os.setsid()
        while True:
            claim()
            send({"done": 0.1})
            link.receive()
        """,
    )


@hostile()
def hands_over_its_files(work: Work) -> None:
    """Sends the grader open files and sockets with its messages, which the grader would keep."""
    begin_wire(
        work,
        """
        text = b'{"output": {"output_type": "stream", "name": "stdout", "text": "take this"}}'
        for _ in range(100):
            pair = socket.socketpair()
            pair[0].sendall(b"x" * 1_000)
            null = os.open("/dev/full", os.O_RDWR)
            socket.send_fds(end, [head(len(text)) + text], [null, *map(socket.socket.fileno, pair)])
            os.close(null)
        """,
    )


@hostile()
def rings_an_alarm(work: Work) -> None:
    """Sets clocks that interrupt whatever the kernel does, a thousand times a second."""
    begin_wire(
        work,
        """
        import signal

        def ring(number, frame):
            if "autograder" in frame.f_code.co_filename:
                raise SystemExit

        for number in signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF:
            signal.signal(number, ring)
        for clock in signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF:
            signal.setitimer(clock, 0.001, 0.001)
        """,
    )


@hostile()
def buries_its_folder(work: Work) -> None:
    """Nests folders so deeply that they are hard to remove, and locks them."""
    begin(
        work,
        """
        import os

        for start in os.getcwd(), "/dev/shm":
            os.chdir(start)
            for _ in range(4_000):
                os.mkdir("d")
                os.chdir("d")
            os.chdir("/")
            try:
                os.chmod(f"{start}/d", 0)
                os.chmod(start, 0)
            except OSError as error:
                print(error)
        """,
    )
