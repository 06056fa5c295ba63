"""How Jupyter starts and ends a kernel in a sandbox."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import zmq
from jupyter_client import AsyncKernelManager
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning import KernelProvisionerBase

from autograder.kernel import CONNECTION
from autograder.sandbox import Box, Sandbox

MESSAGE_LIMIT = 64_000_000  # bytes; the connection of a larger one is closed before it is here
WAITING = 8  # messages that the grader takes in before it has read the first
PART_LIMIT = 4_000_000  # bytes of a part of a message; a larger one is not read
TOO_LARGE = "too large"  # what stands in its place: its size under this name
HELD = 500_000_000  # bytes that the grader may hold of what a kernel sent, read or not
TICK = 0.05  # seconds between two looks at them


class SandboxProvisioner(KernelProvisionerBase):
    """Starts a kernel in the sandbox whose box the kernel manager has."""

    sandbox: Sandbox | None = None

    @property
    def has_process(self) -> bool:
        return self.sandbox is not None

    async def pre_launch(self, **kwargs) -> dict:
        self.parent.write_connection_file()
        return await super().pre_launch(cmd=[], **kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs) -> KernelConnectionInfo:
        self.sandbox = Sandbox(self.parent.box, "autograder.kernel:run")
        self.sandbox.wait_until_ready()
        Thread(target=self._watch, args=[_in_use()], daemon=True).start()
        return self.parent.get_connection_info()

    def _watch(self, before: int) -> None:
        """End the kernel when the grader holds too much of what it sent.

        A message may have any number of parts, and all are kept until the last of them is here.
        """
        while self.sandbox.process.poll() is None:
            if _in_use() > before + HELD:
                self.sandbox.ended = "flood"
                self.sandbox.end()
            time.sleep(TICK)

    async def poll(self) -> int | None:
        return self.sandbox.process.poll() if self.sandbox else 0

    async def wait(self) -> int | None:
        while await self.poll() is None:
            await asyncio.sleep(0.01)
        return 0

    async def send_signal(self, signum: int) -> None:
        if signum == signal.SIGINT:
            self.sandbox.interrupt()
        elif signum:  # 0 asks only whether there is a process
            self.sandbox.end()

    async def kill(self, restart: bool = False) -> None:
        self.sandbox.end()

    async def terminate(self, restart: bool = False) -> None:
        self.sandbox.end()

    async def cleanup(self, restart: bool = False) -> None:
        if self.sandbox:
            self.sandbox.close()


class SandboxedKernelManager(AsyncKernelManager):
    """Manages one kernel in the sandbox of ``box``."""

    def __init__(self, box: Box, **kwargs):
        box.shared.mkdir()
        super().__init__(
            transport="ipc",
            ip=str(box.shared / "socket"),
            connection_file=str(box.shared / CONNECTION),
            **kwargs,
        )
        self.box = box
        self.context.setsockopt(zmq.MAXMSGSIZE, MESSAGE_LIMIT)
        self.context.setsockopt(zmq.RCVHWM, WAITING)
        self.session.unpack = _unless_too_large(self.session.unpack)
        self.provisioner = SandboxProvisioner(parent=self, kernel_spec=self.kernel_spec)

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(display_name="sandbox", language="python")

    def why_ended(self) -> str:
        """What made the sandbox end the kernel: "memory", "flood", or "" when it did not."""
        return self.provisioner.sandbox.why_ended()


def _in_use() -> int:
    """Bytes of memory that this process has in use."""
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _unless_too_large(unpack: Callable[[bytes], dict]) -> Callable[[bytes], dict]:
    def limited(part: bytes) -> dict:
        return {TOO_LARGE: len(part)} if len(part) > PART_LIMIT else unpack(part)

    return limited
