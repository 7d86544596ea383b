"""Processor time of a server's process by thread: steady where frames a second are not (Linux)."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

GROUPS = {
    r"MainThread": "server's loop: pages, packets, sending",
    r"async_media_processor": "reading: decode, detect, classify, draw",
    r"asyncio|ThreadPoolExecutor": "encoding, and small tasks",
    r"decoder": "unpacking what the browser sends",
    r"demo": "drawing the demo",
    r"ScriptRunner": "pages' scripts",
}
"""What a Python thread's name begins with, and what it does."""

OTHER = "other threads, and those that ended meanwhile"


@dataclass(frozen=True, slots=True)
class ThreadTime:
    """Seconds of processor since the process began: of all of it, and of each thread alive."""

    total: float
    threads: dict[int, float]

    @classmethod
    def of(cls, pid: int) -> "ThreadTime":
        """Zeros where there is no /proc."""
        proc = Path(f"/proc/{pid}")
        if not proc.exists():
            return cls(0.0, {})
        tasks = {int(task.name): _seconds(task / "stat") for task in (proc / "task").iterdir()}
        return cls(_seconds(proc / "stat"), tasks)


def _seconds(stat: Path) -> float:
    try:
        text = stat.read_text()
    except OSError:  # it has ended
        return 0.0
    # The name in brackets may hold anything; user and system time are the 14th and 15th fields.
    fields = text.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def milliseconds_a_frame(
    before: ThreadTime, after: ThreadTime, names: dict[int, str], frames: float
) -> dict[str, float]:
    """What a processed frame cost, by what the threads do, most first; ``total`` before them.

    Args:
        before, after: of the same process.
        names: of its Python threads, by the kernel's number.
        frames: read between the two, by all viewers.
    """
    spent: dict[str, float] = {}
    for number, seconds in after.threads.items():
        name = names.get(number, "")
        group = next((words for start, words in GROUPS.items() if re.match(start, name)), OTHER)
        spent[group] = spent.get(group, 0.0) + seconds - before.threads.get(number, 0.0)
    total = after.total - before.total
    spent[OTHER] = spent.get(OTHER, 0.0) + max(0.0, total - sum(spent.values()))
    in_ms = {words: round(1000 * seconds / max(frames, 1.0), 2) for words, seconds in spent.items()}
    ordered = dict(sorted(in_ms.items(), key=lambda item: -item[1]))
    return {"total": round(1000 * total / max(frames, 1.0), 2)} | ordered
