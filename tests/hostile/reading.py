"""Ideas that look for answers, tests and secrets wherever these could lie."""

from autograder import demo
from autograder.course import Course
from autograder.seeds import course_secret
from tests.corpus import Work
from tests.hostile import HONEST, SECRET, answer, answer_beforehand, begin, course_root, hostile


@hostile()
def imports_the_reference(work: Work) -> None:
    """Imports the reference functions, or whatever of the course's own modules holds them."""
    answer_beforehand(
        work,
        """
        import importlib
        import sys

        sys.path += [REPOSITORY, COURSE]
        names = ("solutions.tensors", "solutions", "tests.alternatives.tensors",
                 "autograder.misconceptions.tensors", "lab.views._reference")
        for name in names:
            try:
                module = importlib.import_module(name)
                globals().update({n: v for n, v in vars(module).items() if callable(v)})
            except Exception as error:
                print(type(error), error)
        """,
    )


@hostile()
def asks_the_judge(work: Work) -> None:
    """Asks the autograder itself: for the reference, its source and its right answers."""
    answer_beforehand(
        work,
        """
        names = ("take_batch", "relu_loop", "broadcast_shapes", "add_loop", "matmul_loop",
                 "rotation", "compose_affine", "dense")
        for name in names:
            try:
                from autograder.answers import reference
                globals()[name] = reference(f"tensors.{name}")
            except Exception as error:
                print(type(error), error)
            try:
                from autograder.demo import right
                take(right(f"tensors.{name}"))
            except Exception as error:
                print(type(error), error)
        """,
    )


@hostile()
def reads_the_course(work: Work) -> None:
    """Reads every program and notebook under the course's and the repository's folders."""
    answer_beforehand(
        work,
        """
        from itertools import islice
        from pathlib import Path

        for folder in REPOSITORY + "/solutions", REPOSITORY + "/tests/alternatives", COURSE:
            for pattern in "*.py", "*.ipynb":
                for path in islice(Path(folder).rglob(pattern), 300):
                    if path.name.startswith(("tensors", "01_tensors")):
                        take(path.read_text())
        """,
    )


@hostile()
def reads_the_history_of_git(work: Work) -> None:
    """Reads the reference out of the repository's objects."""
    answer_beforehand(
        work,
        """
        import os
        import subprocess
        import zlib
        from itertools import islice
        from pathlib import Path

        for folder in REPOSITORY, COURSE, os.getcwd():
            try:
                command = ["git", "-C", folder, "show", "HEAD:solutions/tensors.py"]
                take(subprocess.run(command, capture_output=True, text=True, timeout=2).stdout)
            except Exception as error:
                print(type(error), error)
            for path in islice(Path(folder, ".git", "objects").glob("??/*"), 5_000):
                take(zlib.decompress(path.read_bytes()).decode(errors="replace"))
        """,
    )


@hostile()
def reads_the_gradebook(work: Work) -> None:
    """Reads the instructor's cells out of the gradebook, which holds the answers."""
    answer_beforehand(
        work,
        """
        import sqlite3

        try:
            file = f"file:{COURSE}/classroom/gradebook.db?mode=ro"
            gradebook = sqlite3.connect(file, uri=True)
            for (source,) in gradebook.execute("select source from source_cell"):
                take(source or "")
                print(REACHED)
        except sqlite3.Error as error:
            print(type(error), error)
        """,
    )


@hostile()
def reads_other_submissions(work: Work) -> None:
    """Takes the answers of a student who has everything right."""
    answer_beforehand(
        work,
        """
        from pathlib import Path

        for step in "submitted", "autograded", "source":
            for path in Path(COURSE, "classroom", step).rglob("01_tensors.ipynb"):
                print(REACHED)
                take(path.read_text())
        """,
    )


@hostile()
def reads_the_home(work: Work) -> None:
    """Reads what lies in the home of whoever grades, and the secret of which all seeds are made."""
    begin(
        work,
        """
        from pathlib import Path

        folders = HOME, COURSE + "/classroom", REPOSITORY + "/classroom", Path.home(), "/root"
        for folder in folders:
            for name in "secret", ".ssh/id_ed25519", ".bash_history", ".netrc", ".pypirc":
                try:
                    print(REACHED, Path(folder, name).read_text())
                except OSError as error:
                    print(type(error))
        """,
    )


@hostile()
def reads_the_environment(work: Work) -> None:
    """Prints the environment of its own process and of every other that it can see."""
    begin(
        work,
        """
        import os
        from pathlib import Path

        print(dict(os.environ))
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                print(path, path.read_bytes())
            except OSError as error:
                print(path, type(error))
        """,
    )


@hostile()
def reads_other_processes(work: Work) -> None:
    """Looks through /proc for the roots, folders, files and command lines of other processes."""
    answer_beforehand(
        work,
        """
        import os
        from pathlib import Path

        for process in Path("/proc").glob("[0-9]*"):
            try:
                if MARK in (process / "cmdline").read_text():
                    print(REACHED)
            except OSError:
                continue
            for way in "root", "cwd":
                for place in REPOSITORY + "/solutions/tensors.py", HOME + "/secret":
                    try:
                        text = Path(f"{process}/{way}{place}").read_text()
                        print(REACHED, text)
                        take(text)
                    except OSError:
                        continue
        """,
    )


@hostile()
def reads_the_parents_memory(work: Work) -> None:
    """Reads the memory of the processes that started the kernel."""
    begin(
        work,
        """
        import os
        import re
        from itertools import islice
        from pathlib import Path

        for process in {1, os.getppid()} - {0}:
            try:
                maps = Path(f"/proc/{process}/maps").read_text()
                with open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
                    for line in maps.splitlines():
                        start, end, rights = re.match("(\\\\w+)-(\\\\w+) (\\\\S+)", line).groups()
                        if rights.startswith("rw"):
                            memory.seek(int(start, 16))
                            found = memory.read(min(int(end, 16) - int(start, 16), 2**22))
                            print(REACHED, len(found))
                            break
            except (OSError, ValueError) as error:
                print(process, type(error), error)
        """,
    )


@hostile()
def writes_the_parents_memory(work: Work) -> None:
    """Takes hold of the process that started the kernel, as a debugger would."""
    begin(
        work,
        """
        import ctypes
        import os

        libc = ctypes.CDLL(None, use_errno=True)
        for process in {1, os.getppid()} - {0}:
            try:
                with open(f"/proc/{process}/mem", "r+b", buffering=0):
                    print(REACHED)
            except OSError as error:
                print(process, error)
            seize, detach = 0x4206, 17
            if libc.ptrace(seize, process, None, None) == 0:
                print(REACHED)
                libc.ptrace(detach, process, None, None)
        """,
    )


@hostile()
def looks_through_open_files(work: Work) -> None:
    """Looks for folders and files that were left open when the kernel was started."""
    begin(
        work,
        """
        import os

        outside = (COURSE, REPOSITORY + "/solutions", HOME)
        for number in range(3, 256):
            try:
                target = os.readlink(f"/proc/self/fd/{number}")
            except OSError:
                continue
            print(number, target)
            if target.startswith(outside):
                print(REACHED, target)
            for place in "../../../home/secret", HOME.lstrip("/") + "/secret":
                try:
                    print(open(os.open(place, os.O_RDONLY, dir_fd=number)).read())
                    print(REACHED)
                except OSError:
                    continue
        """,
    )


@hostile()
def reads_the_history(work: Work) -> None:
    """Reads what was run before: inputs of the kernel, and the histories of other kernels."""
    answer_beforehand(
        work,
        """
        from pathlib import Path
        from IPython import get_ipython

        shell = get_ipython()
        for _, _, source in shell.history_manager.get_tail(1000):
            take(source)
        for place in Path.home(), Path(HOME):
            for path in place.glob(".ipython/profile_*/history.sqlite*"):
                print(REACHED, path)

        def dense(x, W, b):
            import re
            seed = int(re.findall("\\\\d{5,}", shell.user_ns["In"][-1])[-1])
            from autograder import exercises
            for text in shell.user_ns["In"]:
                if "def dense" in text and "np.maximum" in text:
                    take(text)
            raise KeyError(seed)
        """,
    )


@hostile()
def reads_the_memory(work: Work) -> None:
    """Looks through all objects in the kernel's memory for answers and for what is expected."""
    answer(
        work,
        "tensors.dense",
        """
        import gc

        gc.unfreeze()  # or what was there before the kernel would not be listed

        def dense(x, W, b):
            for thing in gc.get_objects():
                if type(thing).__name__ == "function" and thing.__name__ in ("dense", "_dense"):
                    if thing.__code__ is not dense.__code__:
                        return thing(x, W, b)
                if isinstance(thing, dict) and "expected" in thing:
                    return thing["expected"]
            raise LookupError
        """,
    )


@hostile()
def asks_its_callers(work: Work) -> None:
    """Looks for the expected result in the frames of its callers."""
    answer(
        work,
        "tensors.dense",
        """
        import sys
        import numpy as np

        def dense(x, W, b):
            frame = sys._getframe(1)
            while frame:
                for name, value in {**frame.f_globals, **frame.f_locals}.items():
                    if name in ("expected", "answer", "result", "solution", "reference"):
                        return value
                    if callable(value) and name == "dense" and value is not dense:
                        return value(x, W, b)
                frame = frame.f_back
            raise LookupError
        """,
    )


@hostile()
def lifts_the_covers(work: Work) -> None:
    """Makes itself root of a new namespace, and takes away what is mounted over the answers."""
    answer_beforehand(
        work,
        """
        import ctypes
        import os
        from pathlib import Path

        libc = ctypes.CDLL(None, use_errno=True)
        user, group = os.getuid(), os.getgid()
        NEW_USER, NEW_MOUNTS, BIND, REMOUNT, DETACH = 1 << 28, 1 << 17, 4096, 32, 2
        if libc.unshare(NEW_USER | NEW_MOUNTS) == 0:
            for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"),
                               ("gid_map", f"0 {group} 1")):
                try:
                    Path("/proc/self", name).write_text(text)
                except OSError as error:
                    print(name, error)
            mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").open()]
            for place in reversed(mounts):
                if libc.umount2(place.encode(), DETACH) == 0:
                    print(REACHED, "taken away", place)
            for place in "/", "/proc", *mounts:
                if libc.mount(None, place.encode(), None, REMOUNT | BIND, None) == 0:
                    try:
                        Path(place, MARK).touch()
                        print(place, "can be written")
                    except OSError as error:
                        print(place, error)
        import lab
        for path in Path(lab.__file__).parents[1].glob("solutions/tensors.py"):
            take(path.read_text())
        """,
    )


SEARCH = """
import re

planted = "-".join(["found", "by", "whoever", "searches", "well"]).encode()
needles.append((planted[:-1], planted[-1]))
found = {}
searched = 0
with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", buffering=0) as memory:
    for line in maps.read().splitlines():
        start, end, rights = re.match("([0-9a-f]+)-([0-9a-f]+) (....)", line).groups()
        if not rights.startswith("rw"):
            continue
        try:
            memory.seek(int(start, 16))
            content = memory.read(int(end, 16) - int(start, 16))
        except (OSError, OverflowError, ValueError):
            continue
        searched += len(content)
        for most, last in needles:
            place = content.find(most)
            while place >= 0:
                if content[place + len(most)] == last:
                    found.setdefault(most, line)
                place = content.find(most, place + 1)
        del content
print(searched, "bytes searched")
assert found.pop(planted[:-1])
for most, where in found.items():
    print("reached-what-it-should-no" + "t", most, where)
"""


@hostile()
def searches_its_memory(work: Work) -> None:
    """Searches all memory of its process for secrets, answers, and names of other students.

    What it looks for must not be in its own source, which is in this memory, too.
    """
    secret = course_secret(Course(course_root(work)).coursedir)
    answers = [
        max(set(demo.right(name).splitlines()) - set(work.cell(name).source.splitlines()), key=len)
        for name in work.exercises
    ]
    sought = [secret.decode(), SECRET, HONEST, "honest-after", work.folder.parent.name, *answers]
    as_bytes = [text.encode() for text in sought]
    work.add(f"needles = {[(text[:-1], text[-1]) for text in as_bytes]!r}\n" + SEARCH)


@hostile()
def looks_for_the_nursery(work: Work) -> None:
    """Looks for the process of which all kernels are copies: its folder, socket, files and name."""
    begin(
        work,
        """
        import glob
        import json
        import os
        import re
        import socket

        folder = get_ipython().ipython_dir
        print(folder)
        places = [folder, f"{folder}/socket", f"{folder}/root", *glob.glob("/tmp/nursery-*"),
                  *glob.glob("/tmp/nursery-*/*")]
        for place in places:
            if os.path.exists(place):
                print(REACHED, place)
        listed = set()
        for name in "mountinfo", "maps", "environ", "cmdline", "net/unix", "cgroup":
            with open(f"/proc/self/{name}", "rb") as file:
                listed |= set(re.findall(rb"[^ ]*nursery-[^ ]*", file.read()))
        for number in os.listdir("/proc/self/fd"):
            try:
                listed |= set(re.findall("nursery-.*", os.readlink(f"/proc/self/fd/{number}")))
            except OSError:
                continue
        if listed:
            print(REACHED, listed)
        request = {"inside": "os:abort", "references": [], "private": ""}
        for address in f"{folder}/socket", "\\0" + f"{folder}/socket", "\\0socket":
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
                try:
                    line.connect(address)
                    socket.send_fds(line, [json.dumps(request).encode()], [0])
                    print(REACHED, address)
                except OSError as error:
                    print(address.strip(chr(0)), error)
        for process in {1, os.getppid()} - {0}:
            for name in "fd", "fd/0", "cwd", "root", "map_files", "task/1/fd", "ns/mnt", "environ":
                try:
                    os.close(os.open(f"/proc/{process}/{name}", os.O_RDONLY))
                    print(REACHED, process, name)
                except OSError as error:
                    print(process, name, error)
        """,
    )
