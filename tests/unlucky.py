"""What may happen to who writes: killed at each change of a file, or no room left."""

import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# Python tells an audit hook of everything that it is about to do to a file.
_HARNESS = """
import os, signal, sys

CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.truncate", "os.link"}
sys.dont_write_bytecode = True
names = {}
exec(sys.argv[1], names)
step = 0
while True:
    child = os.fork()
    if child == 0:
        left = step

        def hook(event, args):
            global left
            writes = event == "open" and isinstance(args[2], int) and args[2] & (
                os.O_WRONLY | os.O_RDWR | os.O_CREAT
            )
            if writes or event in CHANGES:
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                left -= 1

        sys.addaudithook(hook)
        exec(sys.argv[2], names)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    print("killed" if code == -signal.SIGKILL else f"ended {code}", flush=True)
    if code != -signal.SIGKILL:
        break
    sys.stdin.readline()
    step += 1
"""


def killed_at_every_step(prepare: str, action: str, *arguments: object) -> Iterator[int]:
    """Run an action again and again, killed one change of a file later each time.

    Args:
        prepare: Python source, run once: imports.
        action: Python source, run in a process of its own each time; finds ``arguments`` as text
            in ``sys.argv[3:]``.

    Yields:
        The number of changes that were made before the kill, from 0; the caller looks at what is
        there. The last run is not killed, has to succeed, and is not yielded.
    """
    command = [sys.executable, "-c", _HARNESS, prepare, action, *map(str, arguments)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        step = 0
        while (line := process.stdout.readline().strip()) == "killed":
            yield step
            process.stdin.write("\n")
            process.stdin.flush()
            step += 1
        assert line == "ended 0", line


@contextmanager
def room_for(limit_bytes: int) -> Iterator[None]:
    """Within the block no file grows beyond so many bytes: the write that would do so fails.

    As on a full disk, of which none can be mounted in most places where tests run.
    """
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
