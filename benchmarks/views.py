"""How long from a key press to the repainted picture?

    python benchmarks/views.py [--quick]

Both views in a bare page; then the attention view of 12 words in a live JupyterLab, directly and
through a proxy that adds 200 ms of round trip, beside `interact` with a matplotlib picture of the
same 12 × 12 weights. The last column is the time as a share of that of `interact` at the same
distance. All servers listen on loopback.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import threading
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "views"))
from view_tools import FLAGS, find_chromium, free_port, jupyter_lab, run_cells

ROUND_TRIP = 0.2  # seconds that the proxy adds

CELLS = [
    """import numpy as np
from lab.views import Attention
vectors = np.random.default_rng(0).normal(size=(12, 6))
Attention(words=list("abcdefghijkl"), vectors=vectors, prediction="skipped")""",
    """import matplotlib.pyplot as plt
from ipywidgets import FloatLogSlider, interact
from lab.views._reference import attention
slider = FloatLogSlider(1, min=-1.3, max=0.7, step=0.05, description="temperature")
@interact(temperature=slider)
def draw(temperature):
    _, weights = attention(vectors, vectors, vectors, scale=1 / temperature)
    plt.imshow(weights, cmap="cividis")
    plt.show()""",
]

# Resolves with the time from the next key press to the first frame that shows its result.
# `found` says whether a batch of changes below `root` is the result.
WATCH = """([root, found]) => {
  window.pressed = new Promise((resolve) => {
    let start = 0;
    const stamp = (event) => (start = event.timeStamp);
    addEventListener("keydown", stamp, { capture: true, once: true });
    const isResult = (0, eval)(found);
    const watcher = new MutationObserver(async (changes) => {
      const result = start && isResult(changes);
      if (!result) return;
      watcher.disconnect();
      if (result.decode) await result.decode();
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => resolve(performance.now() - start);
        channel.port2.postMessage(0);
      });
    });
    const everything = { subtree: true, childList: true, attributes: true, characterData: true };
    watcher.observe(document.querySelector(root), everything);
  });
}"""
ANY = "() => true"
IMAGE = """(changes) => changes.flatMap((c) => [...c.addedNodes])
  .map((node) => (node.matches?.("img") ? node : node.querySelector?.("img"))).find(Boolean)"""


def measure(page, root, found, presses):
    """Milliseconds from key to picture, once for each press."""
    times = []
    for i in range(presses):
        page.evaluate(WATCH, [root, found])
        page.keyboard.press("ArrowLeft" if i % 8 < 4 else "ArrowRight")
        times.append(page.evaluate("pressed"))
        page.wait_for_timeout(80)
    return times


def bare(browser, presses):
    from lab.views import Attention, PhotoSearch

    for name, view in (("PhotoSearch", PhotoSearch()), ("Attention", Attention())):
        view.prediction = "skipped"
        page = browser.new_page()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "view.html")
            view.to_html(path)
            page.goto(path.as_uri())
            page.get_by_role("slider", name="Temperature").focus()
            root = ".ttm-panels"
            yield name, "bare page", measure(page, root, ANY, presses)
        page.close()


def live(browser, presses):
    with tempfile.TemporaryDirectory() as folder, jupyter_lab(Path(folder), CELLS) as (port, path):
        for place, number in (("JupyterLab", port), ("JupyterLab + 200 ms", delayed(port))):
            page = browser.new_page(viewport={"width": 1300, "height": 1000})
            page.set_default_timeout(120_000)
            page.goto(f"http://127.0.0.1:{number}/{path}")
            run_cells(page, len(CELLS))
            page.wait_for_selector(".ttm-attention")
            page.wait_for_selector(".widget-output img")
            page.get_by_role("slider", name="Temperature", exact=True).focus()
            yield "Attention, 12 words", place, measure(page, ".ttm-panels", ANY, presses)
            page.locator(".widget-interact .noUi-handle").focus()
            yield "interact, matplotlib", place, measure(page, ".widget-output", IMAGE, presses)
            page.close()


def delayed(port):
    """The port of a proxy to `port` that holds every packet for half the round trip."""
    listening, ready = free_port(), threading.Event()

    async def pump(reader, writer):
        loop, queue = asyncio.get_running_loop(), asyncio.Queue()

        async def deliver():
            while packet := await queue.get():
                due, data = packet
                await asyncio.sleep(due - loop.time())
                writer.write(data)
                await writer.drain()
            writer.close()

        task = asyncio.create_task(deliver())
        try:
            while data := await reader.read(65536):
                queue.put_nowait((loop.time() + ROUND_TRIP / 2, data))
        except ConnectionError:
            pass
        queue.put_nowait(None)
        await asyncio.gather(task, return_exceptions=True)

    async def connect(reader, writer):
        there = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, there[1]), pump(there[0], writer))

    async def serve():
        server = await asyncio.start_server(connect, "127.0.0.1", listening)
        ready.set()
        await server.serve_forever()

    threading.Thread(target=lambda: asyncio.run(serve()), daemon=True).start()
    ready.wait()
    return listening


def table(rows):
    base = {place: times for name, place, times in rows if name.startswith("interact")}
    print(f"{'picture':22}{'where':22}{'median':>9}{'slowest':>9}{'share':>8}")
    for name, place, times in rows:
        middle = statistics.median(times)
        share = f"{middle / statistics.median(base[place]):.3f}" if place in base else ""
        print(f"{name:22}{place:22}{middle:6.0f} ms{max(times):6.0f} ms{share:>8}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="bare page only, fewer presses")
    quick = parser.parse_args().quick
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        rows = list(bare(browser, 8 if quick else 24))
        if not quick:
            rows += live(browser, 24)
        browser.close()
    table(rows)


if __name__ == "__main__":
    main()
