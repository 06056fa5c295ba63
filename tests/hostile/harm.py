"""Ideas that use up what there is, stop what runs, and change what lies outside.

Each bomb has a bound, and prints `REACHED` when it comes to it:
a limit should have come first.
"""

import json

from tests.corpus import Work
from tests.hostile import answer, begin, hostile


@hostile()
def forks_without_end(work: Work) -> None:
    """Starts processes that start processes."""
    begin(
        work,
        """
        import os
        import time

        try:
            for generation in range(12):  # 4096 at most
                os.fork()
        except OSError as error:
            print(error)
        else:
            print(REACHED)
        time.sleep(0.5)
        """,
    )


@hostile()
def starts_threads_without_end(work: Work) -> None:
    """Starts threads that wait."""
    begin(
        work,
        """
        import threading
        import time

        try:
            for number in range(20_000):
                threading.Thread(target=time.sleep, args=(1,)).start()
            print(REACHED)
        except RuntimeError as error:
            print(error)
        """,
    )


@hostile()
def fills_the_memory(work: Work) -> None:
    """Asks for more and more memory, and writes into it."""
    begin(
        work,
        """
        kept = [bytearray(b"x") * 2**26 for _ in range(24)]  # 1.5 GB
        print(REACHED)
        """,
    )


@hostile()
def fills_the_memory_together(work: Work) -> None:
    """Fills the memory by many processes, each of which takes little."""
    begin(
        work,
        """
        import os
        import time

        children = []
        for _ in range(24):
            children.append(os.fork())
            if not children[-1]:
                kept = bytearray(b"x") * 2**26  # 1.5 GB in all
                time.sleep(1)
                os._exit(0)
        if not any(os.waitpid(child, 0)[1] for child in children):
            print(REACHED)
        """,
    )


@hostile()
def fills_memory_that_no_process_maps(work: Work) -> None:
    """Fills the memory by files that have no name, and which belong to no process's own memory."""
    begin(
        work,
        """
        import os

        block, kept = b"x" * 2**24, []
        try:
            for _ in range(16):  # 0.8 GB
                kept.append(os.memfd_create("x"))
                for _ in range(3):  # less than a file may have
                    os.write(kept[-1], block)
            print(REACHED)
        except OSError as error:
            print(error)
        """,
    )


@hostile()
def fills_shared_memory(work: Work) -> None:
    """Fills segments of shared memory, which stay when their process has ended."""
    begin(
        work,
        """
        import ctypes

        libc = ctypes.CDLL(None, use_errno=True)
        libc.shmat.restype = ctypes.c_void_p
        libc.shmdt.argtypes = [ctypes.c_void_p]
        for _ in range(12):  # 0.8 GB
            segment = libc.shmget(0, 2**26, 0o1600)
            place = libc.shmat(segment, None, 0) if segment >= 0 else -1
            if segment < 0 or place in (None, -1, 2**64 - 1):
                print(ctypes.get_errno())
                break
            ctypes.memset(place, 1, 2**26)
            libc.shmdt(place)
        else:
            print(REACHED)
        """,
    )


@hostile()
def fills_memory_and_forgets_it(work: Work) -> None:
    """Fills memory that processes could share, and gives back its view of it, not the memory."""
    begin(
        work,
        """
        import mmap
        import os

        for file in -1, os.open("/dev/zero", os.O_RDWR):
            try:
                kept = mmap.mmap(file, 3 * 2**28)  # 0.8 GB
                for start in range(0, len(kept), 2**24):
                    kept[start : start + 2**24] = b"x" * 2**24
                    kept.madvise(mmap.MADV_DONTNEED, start, 2**24)
                print(REACHED)
            except OSError as error:
                print(error)
        """,
    )


@hostile()
def fills_the_tables_of_pages(work: Work) -> None:
    """Looks at one place in each of many far apart, which fills no pages, but the list of them."""
    begin(
        work,
        """
        import mmap

        NORESERVE, step, places = 0x4000, 2**21, []
        try:
            for _ in range(3):
                flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | NORESERVE
                place = mmap.mmap(-1, 2**37, flags=flags, prot=mmap.PROT_READ)
                places.append(place)
                for start in range(0, len(place), step):  # 65536 tables of 4096 bytes
                    place[start]
            print(REACHED)
        except OSError as error:
            print(error)
        """,
    )


@hostile()
def fills_the_sockets(work: Work) -> None:
    """Opens sockets to itself, and fills each with as much as the system keeps for it."""
    begin(
        work,
        """
        import resource
        import socket

        try:
            most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
            kept, size = [], 0
            while size < 3 * 2**28:  # 0.8 GB
                kept.append(socket.socketpair())
                kept[-1][0].setblocking(False)
                try:
                    while True:
                        size += kept[-1][0].send(b"x" * 2**16)
                except BlockingIOError:
                    continue
            print(REACHED)
        except OSError as error:
            print(error)
        """,
    )


HANG_UP = """

def fill(kind, number):
    \"\"\"Fill what waits for one who listens, by many who send and hang up.\"\"\"
    ear = socket.socket(socket.AF_UNIX, kind)
    ear.bind(f"\\0ear{number}")
    if kind != socket.SOCK_DGRAM:
        ear.listen(4096)
    size = 0
    for _ in range(2_000):
        with socket.socket(socket.AF_UNIX, kind) as line:
            line.setblocking(False)
            before = size
            try:
                line.connect(f"\\0ear{number}")
                while True:
                    size += line.send(block)
            except BlockingIOError:
                if size == before:
                    break
    return ear, size


kept, size = [], 0
while size < 2**29 and len(kept) < 450:
    kept.append(fill(kind, len(kept)))
    size += kept[-1][1]
print(REACHED if size >= 2**29 else size)
"""


@hostile()
def fills_connections_and_hangs_up(work: Work) -> None:
    """Fills connections that nobody accepts, and closes its own ends, so that no process has them.

    What waits there is counted for nobody.
    """
    begin(work, "import socket\nkind, block = socket.SOCK_STREAM, b'x' * 50_000\n" + HANG_UP)


@hostile()
def fills_mailboxes_and_hangs_up(work: Work) -> None:
    """Sends messages that nobody reads, from sockets that are closed at once."""
    begin(work, "import socket\nkind, block = socket.SOCK_DGRAM, b'x' * 150_000\n" + HANG_UP)


@hostile()
def keeps_files_under_way(work: Work) -> None:
    """Sends open files to itself and does not take them, more than one user's may be under way."""
    begin(
        work,
        """
        import os
        import socket

        one, other = socket.socketpair()
        null, under_way = os.open("/dev/null", os.O_RDONLY), 0
        for number in 253, 1:  # so many at once
            try:
                while under_way < 3_000:
                    socket.send_fds(one, [b"x"], [null] * number)
                    under_way += number
            except OSError as error:
                print(error)
        print(REACHED if under_way >= 1_000 else under_way)  # the grader may have 1024
        """,
    )


@hostile()
def fills_the_disk(work: Work) -> None:
    """Writes gigabytes into every folder in which it may write."""
    begin(
        work,
        """
        import os

        block = b"x" * 2**24
        places = [line.split()[4] for line in open("/proc/self/mountinfo")]
        for place in dict.fromkeys([os.getcwd(), "/tmp", "/dev/shm", "/var/tmp", *places]):
            try:
                with open(os.path.join(place, MARK), "wb") as file:
                    for _ in range(30):  # 500 MB
                        file.write(block)
                print(REACHED, place)
            except OSError as error:
                print(place, error)
        """,
    )


@hostile()
def makes_files_without_end(work: Work) -> None:
    """Makes files, empty ones, until there is no place for their names."""
    begin(
        work,
        """
        try:
            for number in range(200_000):
                open(f"{number}", "w").close()
            print(REACHED)
        except OSError as error:
            print(error)
        """,
    )


@hostile()
def prints_without_end(work: Work) -> None:
    """Prints lines for ever."""
    begin(work, "while True:\n    print('x' * 1000)")


@hostile()
def prints_letter_by_letter(work: Work) -> None:
    """Sends a hundred thousand messages of one letter, each on its way before the next."""
    begin(
        work,
        """
        import sys

        for _ in range(100_000):
            print("x", end="")
            sys.stdout.flush()
        """,
    )


@hostile()
def prints_all_at_once(work: Work) -> None:
    """Prints a gigabyte as one message."""
    begin(work, "print('x' * 2**30)")


@hostile()
def displays_what_is_thrown_away(work: Work) -> None:
    """Displays twenty megabytes, bit by bit, in ways that are thrown away."""
    begin(
        work,
        """
        from IPython.display import display

        for _ in range(1_000):
            display({"text/html": "x" * 10_000, "image/png": "x" * 10_000}, raw=True)
        """,
    )


@hostile()
def shows_evidence_without_end(work: Work) -> None:
    """Displays a hundred megabytes as one piece of evidence."""
    answer(
        work,
        "tensors.dense",
        """
        from IPython.display import display

        def dense(x, W, b):
            outcome = {"kind": "text", "value": "x" * 100_000_000}
            case = {"case": "worked by hand", "changed": [], "outcome": outcome}
            display({"application/vnd.tensors-to-memory.case+json": case}, raw=True)
        """,
    )


@hostile()
def writes_to_the_terminal(work: Work) -> None:
    """Writes past Python to the files that whoever grades has open as output."""
    begin(
        work,
        """
        import os

        for number in 1, 2:
            for _ in range(1_000):
                try:
                    os.write(number, MARK.encode() * 1_000)
                except OSError as error:
                    print(error)
                    break
        os.system(f"head -c 1000000 /dev/zero; echo {MARK} >&2")
        """,
    )


@hostile()
def loops_and_catches_everything(work: Work) -> None:
    """Loops for ever, and catches whatever is to end the loop."""
    answer(
        work,
        "tensors.take_batch",
        """
        def take_batch(data, index, size):
            while True:
                try:
                    while True:
                        pass
                except BaseException:
                    continue
        """,
    )


@hostile()
def ignores_signals(work: Work) -> None:
    """Ignores every signal that can be ignored, and sleeps for ever."""
    begin(
        work,
        """
        import signal
        import time

        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                continue
        while True:
            time.sleep(3600)
        """,
    )


@hostile()
def computes_in_one_step(work: Work) -> None:
    """Computes something that takes hours and cannot be interrupted."""
    answer(
        work,
        "tensors.take_batch",
        """
        def take_batch(data, index, size):
            return sum(range(10**13)) + len(str(7 ** 10**9))
        """,
    )


@hostile()
def recurses_deeply(work: Work) -> None:
    """Calls itself until the stack is full, which Python no longer guards."""
    answer(
        work,
        "tensors.take_batch",
        """
        import sys

        sys.setrecursionlimit(2**31 - 1)

        class Deep:
            def __getattr__(self, name):
                return getattr(self, name + "x")

        def take_batch(data, index, size):
            return take_batch(data, index + 1, size) if index % 2 else Deep().x
        """,
    )


@hostile()
def prints_huge_integers(work: Work) -> None:
    """Makes integers of a hundred million digits, shows them and returns them."""
    answer(
        work,
        "tensors.take_batch",
        """
        import sys

        sys.set_int_max_str_digits(0)
        huge = 1 << 10**8

        def take_batch(data, index, size):
            if index > 2:
                print(huge)
            return huge
        """,
    )


@hostile()
def lies_about_its_length(work: Work) -> None:
    """Returns things that say that they are short, and have no end when somebody reads them."""
    source = """
        class Text(str):
            def __str__(self):
                return "x" * 2**33

        class Items(list):
            def __iter__(self):
                while True:
                    yield 1

        class Names(dict):
            def items(self):
                while True:
                    yield "x", Items()

        class Error(Exception):
            def __str__(self):
                while True:
                    pass

        def rotation(angle):
            raise Error

        def compose_affine(*inputs):
            return [Names(), Items([1]), Text()][len(inputs[0]) % 3]
    """
    answer(work, "tensors.rotation", source)
    answer(work, "tensors.compose_affine", source)


@hostile(deserves={"tensors.take_batch": 1})
def leaves_without_a_word(work: Work) -> None:
    """Ends the kernel in the middle of a check, after one right answer."""
    work.solve("tensors.take_batch")
    answer(work, "tensors.relu_loop", "import os\ndef relu_loop(x):\n    os._exit(0)")


@hostile(deserves={"tensors.take_batch": 1})
def crashes(work: Work) -> None:
    """Reads from an address that does not exist, after one right answer."""
    work.solve("tensors.take_batch")
    answer(work, "tensors.relu_loop", "import ctypes\nctypes.string_at(0)")


@hostile()
def asks_the_kernel_to_end(work: Work) -> None:
    """Ends the kernel as a person would, and asks and raises what ends programs."""
    begin(
        work,
        """
        from IPython import get_ipython

        exit()
        quit()
        get_ipython().ask_exit()
        get_ipython().run_line_magic("reset", "-f")
        import sys
        import threading
        threading.Thread(target=sys.exit).start()
        try:
            raise KeyboardInterrupt
        finally:
            raise SystemExit
        """,
    )


@hostile()
def stops_itself(work: Work) -> None:
    """Halts its own process, and children in sessions of their own, which then cannot go on."""
    begin(
        work,
        """
        import os
        import signal

        for _ in range(20):
            if os.fork() == 0:
                os.setsid()
                os.kill(os.getpid(), signal.SIGSTOP)
        os.kill(os.getpid(), signal.SIGSTOP)
        """,
    )


@hostile(deserves={"tensors.take_batch": 1})
def has_a_name_that_nobody_can_read(work: Work) -> None:
    """Gives its processes names that are no text, for whoever watches over them."""
    work.solve("tensors.take_batch")
    begin(
        work,
        """
        import ctypes
        import os
        import time

        set_name = 15
        for name in b"\\xff\\xfe) Z 1", b"VmRSS: 9999 kB", b"\\n) R (":
            if os.fork() == 0:
                ctypes.CDLL(None).prctl(set_name, name, 0, 0, 0)
                time.sleep(60)
        ctypes.CDLL(None).prctl(set_name, b"\\xff\\xff", 0, 0, 0)
        time.sleep(0.2)
        """,
    )


@hostile()
def gives_the_supervisor_much_to_look_at(work: Work) -> None:
    """Makes many processes with many mappings, which who adds up their memory has to go through."""
    begin(
        work,
        """
        import ctypes
        import os
        import time

        libc, pages = ctypes.CDLL(None), 50_000
        libc.mmap.restype = ctypes.c_void_p
        libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
        libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        start = libc.mmap(None, 4096 * pages, 1, 0x22, -1, 0)
        for page in range(0, pages, 2):
            libc.mprotect(start + 4096 * page, 4096, 0)
        for _ in range(30):
            if os.fork() == 0:
                time.sleep(60)
        kept = [bytearray(b"x") * 2**25 for _ in range(60)]  # 2 GB
        print(REACHED)
        """,
    )


@hostile()
def signals_its_parent(work: Work) -> None:
    """Sends the signals that end, halt and interrupt to the process that started the kernel."""
    begin(
        work,
        """
        import os
        import signal
        import time

        for name in "SIGINT", "SIGHUP", "SIGUSR1", "SIGTERM", "SIGSTOP", "SIGABRT", "SIGKILL":
            try:
                os.kill(os.getppid(), getattr(signal, name))
            except OSError as error:
                print(name, error)
        time.sleep(0.2)
        """,
    )


@hostile()
def signals_the_grader(work: Work) -> None:
    """Sends a signal to the process that grades, by its number, and to its group."""
    begin(
        work,
        """
        import os

        for send, number in (os.kill, GRADER), (os.killpg, GRADER_GROUP):
            try:
                send(number, 0)  # which asks only whether a signal could be sent
                print(REACHED)
            except OSError as error:
                print(error)
        """,
    )


@hostile()
def signals_everyone(work: Work) -> None:
    """Sends a signal to every process there is, where these are few enough to be its own."""
    begin(
        work,
        """
        import glob
        import os
        import signal

        if len(glob.glob("/proc/[0-9]*")) < 12 and os.getpid() < 100:
            for number in signal.SIGINT, signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL:
                try:
                    os.kill(-1, number)
                except ProcessLookupError as error:
                    print(error)
        else:
            print(REACHED)
        """,
    )


@hostile()
def leaves_a_process(work: Work) -> None:
    """Leaves processes that belong to nobody, in a session of their own."""
    begin(
        work,
        """
        import os
        import signal
        import sys

        code = "import time; time.sleep(300)"
        for _ in range(3):
            if os.fork() == 0:
                os.setsid()
                signal.signal(signal.SIGHUP, signal.SIG_IGN)
                if os.fork() == 0:
                    os.closerange(0, 4096)
                    os.execv(sys.executable, [sys.executable, "-c", code, MARK])
                os._exit(0)
        """,
    )


@hostile()
def leaves_exit_hooks(work: Work) -> None:
    """Leaves functions that run when the kernel ends, and take their time."""
    begin(
        work,
        """
        import atexit
        import signal
        import threading
        import time
        from pathlib import Path

        def late(*anything):
            try:
                Path(HOME, MARK).touch()
            finally:
                time.sleep(60)

        class Last:
            __del__ = late

        last = Last()
        atexit.register(late)
        threading._register_atexit(late)
        for number in signal.SIGTERM, signal.SIGHUP, signal.SIGINT:
            signal.signal(number, late)
        """,
    )


@hostile()
def writes_outside(work: Work) -> None:
    """Writes, renames, removes and changes files of the course, of the home and of the machine."""
    begin(
        work,
        """
        import os
        import sys
        from pathlib import Path

        folders = [HOME, COURSE, COURSE + "/classroom", COURSE + "/course", COURSE + "/chapters",
                   f"{COURSE}/classroom/submitted/{HONEST}", REPOSITORY, REPOSITORY + "/solutions",
                   REPOSITORY + "/autograder", REPOSITORY + "/lab", "/", "/etc", "/usr/lib", "/var",
                   "/root", "/dev", "/sys", "/proc/sys/kernel", sys.prefix, *filter(None, sys.path)]
        for folder in folders:
            try:
                Path(folder, MARK).touch()
                print(REACHED, folder)
            except OSError as error:
                print(folder, error)
        secret = HOME + "/secret"
        for change in (lambda: os.chmod(secret, 0o777), lambda: os.utime(secret, (0, 0)),
                       lambda: os.rename(secret, secret + MARK), lambda: os.truncate(secret, 0),
                       lambda: os.symlink(secret, HOME + "/link"), lambda: os.remove(secret),
                       lambda: os.setxattr(secret, "user.x", b"x"),
                       lambda: os.mknod("/tmp/disk", 0o60600, os.makedev(8, 0))):
            try:
                change()
                print(REACHED)
            except OSError as error:
                print(error)
        """,
    )


@hostile()
def writes_the_gradebook(work: Work) -> None:
    """Gives everybody full marks in the gradebook, and locks it."""
    begin(
        work,
        """
        import sqlite3

        try:
            gradebook = sqlite3.connect(f"file:{COURSE}/classroom/gradebook.db?mode=rw", uri=True)
            gradebook.execute("update grade set auto_score = 1000, manual_score = 1000")
            gradebook.execute("update grade_cells set max_score = 1000")
            gradebook.commit()
            print(REACHED)
            gradebook.execute("begin exclusive")
        except sqlite3.Error as error:
            print(type(error), error)
        """,
    )


@hostile()
def changes_the_machine(work: Work) -> None:
    """Changes name, clock, limits and priority, as only the machine's owner may."""
    begin(
        work,
        """
        import ctypes
        import os
        import resource
        import socket
        import time

        libc = ctypes.CDLL(None, use_errno=True)

        def raise_limits():
            for limit in resource.RLIMIT_NPROC, resource.RLIMIT_AS, resource.RLIMIT_FSIZE:
                soft, hard = resource.getrlimit(limit)
                if hard != resource.RLIM_INFINITY:
                    resource.setrlimit(limit, (hard + 1, hard + 1))
                    print(REACHED, "limit", limit)

        changes = {
            "name": lambda: socket.sethostname(socket.gethostname()),
            "clock": lambda: time.clock_settime(time.CLOCK_REALTIME, time.time()),
            "limits": raise_limits,
            "priority": lambda: os.setpriority(os.PRIO_PROCESS, 0, -10),
            "user": lambda: os.setuid(0),
            "module": lambda: open("/proc/sys/kernel/core_pattern", "a").close(),
            "root": lambda: os.chroot("/"),
        }
        for name, change in changes.items():
            try:
                change()
                if name != "limits":
                    print(REACHED, name)
            except (OSError, ValueError) as error:
                print(name, error)
        """,
    )


@hostile()
def has_a_thousand_slow_cells(work: Work) -> None:
    """Adds cells that each take less than a cell may, and together half an hour."""
    for _ in range(1_000):
        work.add("import time\ntime.sleep(1.8)")


@hostile()
def writes_sources_that_nobody_can_parse(work: Work) -> None:
    """Writes answers so deep, so long or so odd that whoever parses them fails."""
    sources = (
        "(" * 100_000,
        "-" * 100_000 + "1",
        "+".join(["1"] * 100_000),
        "x" + ".a" * 100_000,
        "'\0'",
        "def dense():\n" + "".join(" " * n + "if 1:\n" for n in range(1, 200)),
        "9" * 100_000,
        "'''",
    )
    for exercise, source in zip(work.exercises, sources, strict=True):
        work.write(exercise, source)


@hostile()
def writes_a_source_without_end(work: Work) -> None:
    """Writes an answer of eight megabytes, which takes gigabytes when it is parsed."""
    work.write("tensors.dense", "dense = (" + "1," * 4_000_000 + ")")


@hostile()
def writes_the_longest_source_that_is_read(work: Work) -> None:
    """Writes answers of nearly a million characters, all of which become small things."""
    for name in "dense", "rotation":
        work.write(f"tensors.{name}", f"{name} = (" + "1," * 499_900 + ")")


@hostile(deserves={"tensors.relu_loop": 1})
def writes_half_a_letter(work: Work) -> None:
    """Writes, prints, raises and returns halves of letters, which cannot be written to a file."""
    work.solve("tensors.relu_loop")
    work.write("tensors.take_batch", "half = '\ud800'")
    answer(
        work,
        "tensors.rotation",
        """
        half = chr(0xD800)
        print(half)

        def rotation(angle):
            return half if angle > 1 else {half: half}
        """,
    )
    answer(
        work,
        "tensors.dense",
        "def dense(x, W, b):\n    raise type(chr(0xDC00), (Exception,), {})(chr(0xD800))",
    )
    work.path.write_text(json.dumps(work.notebook))


@hostile()
def looks_like_another_name(work: Work) -> None:
    """Defines functions whose names look like the right ones, and hides others from the eye."""
    work.write("tensors.dense", "def d\u0435ns\u0435(x, W, b):\n    return x @ W + b")
    work.write("tensors.take_batch", "def take_\u200bbatch(data, i, n):\n    return data[i * n :]")
    work.write("tensors.relu_loop", "relu_loop = 1 #\u202e\u2066 raise NotImplementedError\u2069")
    work.write("tensors.add_loop", "\ufeffdef add_loop(x, y):\n    return x\x0b\x0c\x1c\u2028")


@hostile()
def shows_evidence_in_every_cell(work: Work) -> None:
    """Displays some megabytes as evidence in each of many cells, none of which is a check."""
    for _ in range(40):
        begin(
            work,
            """
            from IPython.display import display

            for _ in range(4):
                case = {"application/vnd.tensors-to-memory.case+json": "x" * 1_900_000}
                display(case, raw=True)
            """,
        )
