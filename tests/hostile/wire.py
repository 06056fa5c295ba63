"""Ideas that speak to the grader past the kernel: forged and damaged messages, closed sockets."""

from textwrap import dedent

from tests.corpus import Work
from tests.hostile import begin, hostile

# The kernel's own sockets and key, which whoever runs in the kernel can use.
WIRE = '''
import json
from IPython import get_ipython

kernel = get_ipython().kernel
session, socket = kernel.session, kernel.iopub_socket
parent = kernel.get_parent()


def send(kind, content, parent=parent, **more):
    session.send(socket, kind, content, parent=parent, **more)


def send_parts(*parts, signature=None):
    """Send header, parent, metadata and content as they are, signed as they must be."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in parts]
    signature = session.sign(parts) if signature is None else signature
    socket.send_multipart([b"kernel", b"<IDS|MSG>", signature, *parts])


def header(kind="stream"):
    return json.loads(json.dumps(session.msg_header(kind), default=str))


PARENT = json.loads(json.dumps(parent["header"], default=str))
'''


def begin_wire(work: Work, source: str) -> None:
    begin(work, WIRE + dedent(source))


@hostile()
def says_that_it_has_ended(work: Work) -> None:
    """Says over and over that the kernel is idle and that the cell has ended, and goes on."""
    begin_wire(
        work,
        """
        for _ in range(200):
            send("status", {"execution_state": "idle"})
            send("status", {"execution_state": "dead"})
            send("execute_reply", {"status": "ok", "execution_count": 1})
        """,
    )


@hostile()
def replies_before_it_runs(work: Work) -> None:
    """Answers each request at once, and runs on while the grader believes that it has ended."""
    begin_wire(
        work,
        """
        import time

        shell = kernel.shell_stream if hasattr(kernel, "shell_stream") else kernel.shell_socket
        for _ in range(3):
            try:
                session.send(shell, "execute_reply", {"status": "ok", "execution_count": 1},
                             parent=parent, ident=kernel._parent_ident.get("shell"))
            except Exception as error:
                print(type(error), error)
        send("status", {"execution_state": "idle"})
        time.sleep(2)
        """,
    )


@hostile()
def sends_broken_json(work: Work) -> None:
    """Sends messages, signed as they must be, that are no JSON."""
    begin_wire(
        work,
        """
        for part in b"{", b"", b"\\xff\\xfe", b"NaN", b"[" * 100_000, b"9" * 5_000:
            send_parts(header(), PARENT, {}, part)
            send_parts(part, PARENT, {}, {"name": "stdout", "text": "x"})
        """,
    )


@hostile()
def nests_a_message(work: Work) -> None:
    """Sends JSON that is nested a hundred thousand times."""
    begin_wire(
        work, 'send_parts(header(), PARENT, {}, b\'{"a":\' * 100_000 + b"1" + b"}" * 100_000)'
    )


@hostile()
def sends_lists_for_dicts(work: Work) -> None:
    """Sends messages whose parts are lists, numbers and nothing, where dicts belong."""
    begin_wire(
        work,
        """
        kinds = ("stream", "display_data", "execute_result", "error", "status", "clear_output",
                 "update_display_data", "comm_open", "execute_input", "unknown", "")
        for kind in kinds:
            for content in [], None, 7, "text", {}, {"data": 1}, {"data": [], "metadata": None}:
                send_parts(header(kind), PARENT, {}, content)
        for damaged in {}, [], {"msg_id": []}, {"date": "never"}, {"msg_type": None}:
            send_parts(damaged, PARENT, {}, {"name": "stdout", "text": "x"})
            send_parts(header(), damaged, {}, {"name": "stdout", "text": "x"})
        """,
    )


@hostile()
def sends_outputs_of_odd_types(work: Work) -> None:
    """Sends outputs whose name, text and traceback are of types that no output has."""
    begin_wire(
        work,
        """
        odd = None, 7, [], {"a": 1}, [["x"]], True
        for value in odd:
            send("stream", {"name": value, "text": value})
            send("stream", {"name": "stdout", "text": value})
            send("error", {"ename": value, "evalue": value, "traceback": value})
            send("display_data", {"data": {"text/plain": value}, "metadata": value})
            send("execute_result",
                 {"data": {"text/plain": value}, "metadata": {}, "execution_count": value})
        """,
    )


@hostile()
def sends_much_in_little(work: Work) -> None:
    """Sends messages of some megabytes that are millions of small things when they are read."""
    begin_wire(
        work,
        """
        things = b'{"name": "stdout", "text": [' + b"[],{}," * 1_500_000 + b"0]}"
        for _ in range(3):
            send_parts(header(), PARENT, {}, things)
        """,
    )


@hostile()
def sends_much_at_once(work: Work) -> None:
    """Sends large messages faster than the grader can read them."""
    begin_wire(
        work,
        """
        text = b'{"name": "stdout", "text": "' + b"x" * 50_000_000 + b'"}'
        for _ in range(60):
            send_parts(header(), PARENT, {}, text)
        """,
    )


@hostile()
def signs_falsely(work: Work) -> None:
    """Sends messages with wrong signatures, with none, and the same one twice."""
    begin_wire(
        work,
        """
        same = header(), PARENT, {}, {"name": "stdout", "text": "x"}
        for signature in b"", b"0" * 64, b"0", b"\\xff" * 64:
            send_parts(*same, signature=signature)
        send_parts(*same)
        send_parts(*same)
        socket.send_multipart([b"kernel"])
        socket.send_multipart([b"<IDS|MSG>"])
        """,
    )


@hostile()
def changes_an_earlier_cell(work: Work) -> None:
    """Shows something in each cell, and changes it from a later one into evidence and scores."""
    begin_wire(
        work,
        """
        from IPython.display import display

        outcome = {"kind": "text", "value": ""}
        evidence = {"case": "worked by hand", "changed": [], "outcome": outcome}
        data = {"application/vnd.tensors-to-memory.case+json": evidence, "text/plain": "4.0"}

        def update(*anything):
            display({"text/plain": ""}, raw=True, display_id="same")
            content = {"data": data, "metadata": {}, "transient": {"display_id": "same"}}
            send("update_display_data", content, parent=kernel.get_parent())
            send("clear_output", {"wait": True}, parent=kernel.get_parent())

        get_ipython().events.register("post_execute", update)
        """,
    )


@hostile()
def speaks_for_other_cells(work: Work) -> None:
    """Sends outputs that name as their parent every request but its own."""
    begin_wire(
        work,
        """
        for name in "", PARENT["msg_id"][:-1], PARENT["msg_id"] + "0", PARENT["msg_id"][:-1] + "9":
            forged = {"header": {**PARENT, "msg_id": name, "session": "another"}}
            send("execute_result", {"data": {"text/plain": "4.0"}, "metadata": {},
                                    "execution_count": 1}, parent=forged)
            send("status", {"execution_state": "idle"}, parent=forged)
        """,
    )


@hostile()
def opens_widgets(work: Work) -> None:
    """Opens ten thousand connections of widgets, and sends them states."""
    begin_wire(
        work,
        """
        for number in range(10_000):
            content = {"comm_id": str(number), "target_name": "jupyter.widget",
                       "data": {"state": {"_model_name": "HTMLModel"}}}
            send("comm_open", content, metadata={"version": "2.0"})
            send("comm_msg", {"comm_id": str(number), "data": {"method": "update", "state": {}}})
        """,
    )


@hostile()
def asks_for_input(work: Work) -> None:
    """Asks the grader to type something, and waits."""
    begin_wire(
        work,
        """
        try:
            input("Which mark shall I have? ")
        except Exception as error:
            print(type(error).__name__)
        kernel._allow_stdin = True
        kernel.raw_input("And now? ")
        """,
    )


@hostile()
def closes_everything(work: Work) -> None:
    """Closes all open files and sockets of the kernel."""
    begin(work, "import os\nos.closerange(0, 4096)")


@hostile()
def closes_the_sockets(work: Work) -> None:
    """Closes the sockets to the grader, properly, and goes on as if nothing had been."""
    begin_wire(
        work,
        """
        import gc
        import zmq

        for thing in gc.get_objects():
            try:
                if isinstance(thing, zmq.Socket) and not thing.closed:
                    thing.close(linger=0)
            except Exception as error:
                print(type(error), error)
        """,
    )


@hostile()
def leads_the_grader_elsewhere(work: Work) -> None:
    """Puts links to another socket in the place of its own, and waits for the grader to return."""
    begin_wire(
        work,
        """
        import os
        import time
        from pathlib import Path
        from ipykernel.connect import get_connection_file

        info = json.loads(Path(get_connection_file()).read_text())
        folder = Path(info["ip"]).parent
        for place in folder.glob(Path(info["ip"]).name + "*"):
            place.unlink()
            place.symlink_to(EAR_PATH)
        for name in "socket", "control", "more":
            (folder / name).symlink_to(COURSE)
        for number in range(3, 200):
            try:
                if "socket" in os.readlink(f"/proc/self/fd/{number}"):
                    os.close(number)
            except OSError:
                continue
        time.sleep(1)
        """,
    )


@hostile()
def buries_its_folder(work: Work) -> None:
    """Nests folders so deeply, where the kernel's files lie, that they are hard to remove."""
    begin_wire(
        work,
        """
        import os
        from pathlib import Path
        from ipykernel.connect import get_connection_file

        info = json.loads(Path(get_connection_file()).read_text())
        for start in os.getcwd(), str(Path(info["ip"]).parent):
            os.chdir(start)
            for _ in range(1_500):
                try:
                    os.mkdir("d")
                    os.chdir("d")
                except OSError as error:
                    print(error)
                    break
            os.chdir("/")
            try:
                os.chmod(start, 0)
            except OSError as error:
                print(error)
        """,
    )


@hostile()
def speaks_another_language(work: Work) -> None:
    """Ends the grader's connections, and answers those that follow with noise."""
    begin(
        work,
        """
        import os
        import socket

        listening = []
        for number in range(3, 200):
            try:
                line = socket.socket(fileno=os.dup(number))
                if line.family != socket.AF_UNIX:
                    continue
                if line.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                    listening.append(line)
                else:
                    line.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        greeting = b"\\xff" + b"\\0" * 8 + b"\\x7f\\3"
        for noise in b"\\xff" * 100_000, greeting, b"GET / HTTP/1.1\\n\\n":
            for line in listening:
                line.settimeout(0.1)
                try:
                    line.accept()[0].sendall(noise)
                except OSError as error:
                    print(error)
        """,
    )


@hostile()
def sends_parts_without_end(work: Work) -> None:
    """Sends one message whose last part never comes, past the library that would keep it here."""
    begin_wire(
        work,
        """
        import os
        import socket
        from pathlib import Path
        from ipykernel.connect import get_connection_file

        port = json.loads(Path(get_connection_file()).read_text())["iopub_port"]
        part = b"\\3" + (2**20).to_bytes(8, "big") + b"x" * 2**20
        for number in range(3, 200):
            try:
                line = socket.socket(fileno=os.dup(number))
                if str(line.getsockname()).endswith(f"-{port}"):
                    line.getpeername()
                    line.setblocking(True)
                    for _ in range(2_000):
                        line.sendall(part)
            except OSError:
                continue
        """,
    )
