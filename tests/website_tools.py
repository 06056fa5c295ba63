"""The website on a server of its own, visited by a browser that can reach nothing else."""

import gzip
import shutil
from collections import Counter
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

PREFIX = "tensors-to-memory"  # as on a host that serves each project in a folder of its name
WEIGHED = {".html": "html", ".css": "css", ".js": "js", ".woff2": "fonts"}

# Brings every view to life, as a reader does who scrolls through the page.
SCROLL = """async () => {
  for (const box of document.querySelectorAll(".view")) {
    box.scrollIntoView();
    while (!box.querySelector(".ttm-view")) await new Promise((done) => setTimeout(done, 20));
  }
  for (const image of document.images) {
    image.scrollIntoView();
    while (!image.complete) await new Promise((done) => setTimeout(done, 20));
  }
  scrollTo(0, 0);
}"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextmanager
def served(html: Path, folder: Path):
    """Serve the site in a sub-folder of a plain file server; yields its address."""
    shutil.copytree(html, folder / PREFIX)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=folder))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/{PREFIX}/"
    server.shutdown()
    server.server_close()


class Visit:
    """A page in a browser context of its own: what it asked for, and what went wrong."""

    def __init__(self, browser, address: str, name: str, **options):
        self.address, self.wrong, self.loaded = address, [], set()
        self.context = browser.new_context(**options)
        self.context.route("**/*", self._pass)
        self.page = page = self.context.new_page()
        page.on("console", lambda line: line.type == "error" and self.wrong.append(line.text))
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("requestfailed", self._note)
        page.goto(address + name)

    def _note(self, request):
        if request.failure != "net::ERR_ABORTED":  # a reader has gone on to another page
            self.wrong.append(f"{request.url}: {request.failure}")

    def _pass(self, route):
        url = route.request.url
        if url.startswith((self.address, "data:")):
            self.loaded.add(url.removeprefix(self.address).partition("?")[0].partition("#")[0])
            route.continue_()
        else:
            self.wrong.append(url)
            route.abort()

    def weights(self, html: Path) -> dict[str, tuple[int, int]]:
        """Bytes of what the page has loaded by kind, as they are and by gzip."""
        plain, packed = Counter(), Counter()
        for name in self.loaded:
            kind = WEIGHED.get(Path(name).suffix, "pictures")
            data = (html / name).read_bytes()
            plain[kind] += len(data)
            packed[kind] += len(data if kind in ("pictures", "fonts") else gzip.compress(data))
        return {kind: (plain[kind], packed[kind]) for kind in (*WEIGHED.values(), "pictures")}
