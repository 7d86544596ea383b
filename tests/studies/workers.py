"""Workers that something happens to, and clusters on loopback: for tests of engines."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from fer_core.studies.engines import Engine

ROOT = Path(__file__).resolve().parents[2]


def engine_of(code: str, *arguments: str, processes: int = 1, restarts: bool = True) -> Engine:
    """Workers that run this: ``lines`` and ``reader`` are there, and ``task`` in a loop of code."""
    body = "\n    ".join(code.strip().splitlines())
    program = f"""
import os, signal, sys, time
from pathlib import Path
from fer_core.studies.engines import lines as spoken
from fer_core.studies.engines.lines import READY, Lines
from fer_core.studies.parts import PartReader
spoken.ALIVE_EVERY_S = 0.2
lines, reader = Lines(), PartReader()
lines.tell(**{{READY: 1}})
while True:
    task = lines.tasks.get()
    {body}
    lines.say(reader.answer(task).model_dump_json())
"""
    return Engine(
        name="test",
        command=(sys.executable, "-c", program, *arguments),
        processes=processes,
        at_once=1,
        restarts=restarts,
        gone="Run it again.",
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


LOOPBACK = {
    # Else Ray takes the machine's own address in place of 127.0.0.1.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    # A driver whose cluster is gone ends soon.
    "RAY_gcs_rpc_server_reconnect_timeout_s": "3",
}

_START_S, _LONGEST_S = 120.0, 800.0


@contextmanager
def ray_cluster(processors: int) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """A cluster of so many worker processes; its address, and the process that all others are of.

    Every address is on loopback. It ends with the block, and in any case after `_LONGEST_S`.
    """
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="ray", dir="/tmp", ignore_cleanup_errors=True) as place:
        head = subprocess.Popen(
            [
                *(str(Path(sys.executable).parent / "ray"), "start", "--head", "--block"),
                *("--node-ip-address", "127.0.0.1", "--port", str(port)),
                *("--ray-client-server-port", str(free_port())),
                *("--num-cpus", str(processors), "--object-store-memory", "80000000"),
                *("--include-dashboard", "false", "--include-log-monitor", "false"),
                *("--temp-dir", place, "--disable-usage-stats"),
            ],
            cwd=ROOT,
            env=os.environ | LOOPBACK,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        watchdog = threading.Timer(_LONGEST_S, _end_all, (head,))
        watchdog.start()
        try:
            _wait_until_it_listens(port)
            yield f"127.0.0.1:{port}", head
        finally:
            watchdog.cancel()
            _end_all(head)


def _wait_until_it_listens(port: int) -> None:
    until = monotonic() + _START_S
    while monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
            sleep(2.0)  # it listens before its node is there
            return
        except OSError:
            sleep(0.2)
    raise TimeoutError("the cluster did not start")


def _end_all(head: "subprocess.Popen[bytes]") -> None:
    """End a cluster: its processes are those of the head's session."""
    head.terminate()
    try:
        head.wait(20)
    except subprocess.TimeoutExpired:
        head.kill()
    for pid in session_of(head.pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def session_of(leader: int) -> list[int]:
    """Processes of a session, the leader too."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(stat[3]) == leader and stat[0] != "Z":
            found.append(int(folder.name))
    return found


def listening_addresses(pids: list[int]) -> set[str]:
    """Addresses on which processes listen by TCP, as /proc has them, in hexadecimal."""
    sockets: set[str] = set()
    for pid in pids:
        for handle in Path(f"/proc/{pid}/fd").glob("*"):
            with suppress(OSError):
                sockets.add(str(handle.readlink()))
    addresses = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
                addresses.add(fields[1].split(":")[0])
    return addresses
