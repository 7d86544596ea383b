"""Work in a process of its own: its lines, its end, and that nobody's job goes on for ever or
leaves anything behind."""

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import pytest

from ui import jobs
from ui.jobs import Job, fer_core_command

COUNT = "import json, time\nfor i in range(3): print(json.dumps({'done': i}), flush=True)"
SILENT = "import time\ntime.sleep(600)"
DEAF = f"""
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('{{"deaf": true}}', flush=True)
{SILENT}
"""
FOR_EVER = "import time\nwhile True: print('{\"done\": 1}', flush=True); time.sleep(0.02)"


def python(script: str, patience_s: float = 15.0) -> Job:
    return Job([sys.executable, "-c", script], patience_s)


def wait_for(what: Callable[[], object]) -> None:
    end = monotonic() + 20
    while not what():
        assert monotonic() < end
        sleep(0.01)


def test_the_newest_line_is_kept_and_other_words_are_passed_over() -> None:
    job = python(f"print('loading ...')\n{COUNT}\nprint('[1]')\nprint('bye')")
    wait_for(lambda: not job.running)
    assert job.line() == {"done": 2}
    assert job.failure == ""


def test_a_job_that_ends_badly_says_why_in_its_last_words() -> None:
    job = python("import sys; print('first\\nThe disk is full.', file=sys.stderr); sys.exit(1)")
    wait_for(lambda: not job.running)
    assert job.failure == "The disk is full."
    silent = python("import sys; sys.exit(3)")
    wait_for(lambda: not silent.running)
    assert silent.failure == "It ended with 3."


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no signals")
def test_a_job_that_the_system_ends_says_so_and_not_a_number() -> None:
    script = (
        "import os, signal, sys; print('a warning', file=sys.stderr, flush=True); "
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    job = python(script)
    wait_for(lambda: not job.running)
    assert "ended by the system, perhaps for want of memory" in job.failure
    assert "-9" not in job.failure
    assert "a warning" not in job.failure


def test_stop_ends_the_process_and_is_no_failure() -> None:
    job = python(FOR_EVER)
    wait_for(job.line)
    job.stop()
    wait_for(lambda: not job.running)
    assert job.failure == ""
    job.stop()  # again does no harm


@pytest.mark.parametrize("script", [FOR_EVER, SILENT])
def test_a_job_that_nobody_asks_about_ends_and_one_that_is_asked_goes_on(script: str) -> None:
    asked, left = python(script, 1.0), python(script, 0.5)
    end = monotonic() + 1.6
    while monotonic() < end:
        asked.line()
        sleep(0.05)
    assert asked.running
    wait_for(lambda: not left.running)
    assert left.abandoned
    assert left.failure == ""
    asked.stop()
    wait_for(lambda: not asked.running)
    assert not asked.abandoned


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal that can be ignored")
def test_a_job_that_does_not_end_when_asked_to_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "GRACE_S", 0.2)
    job = python(DEAF)
    wait_for(job.line)
    job.stop()
    wait_for(lambda: not job.running)
    assert job.failure == ""


def test_words_that_are_no_text_end_no_reading() -> None:
    job = python("import sys; sys.stdout.buffer.write(b'\\xff\\n{\"done\": 7}\\n')")
    wait_for(lambda: not job.running)
    assert job.line() == {"done": 7}
    assert job.failure == ""


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux lists them")
def test_twenty_jobs_leave_no_file_and_no_thread() -> None:
    def left() -> tuple[int, int]:
        return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()

    before = left()
    started = [
        python(script, patience_s)
        for script, patience_s in 5 * [(COUNT, 15.0), ("1/0", 15.0), (FOR_EVER, 0.2), (SILENT, 0.2)]
    ]
    wait_for(lambda: not any(job.running for job in started))
    with pytest.raises(OSError, match="no such program"):
        Job(["/no such program"])
    wait_for(lambda: left() == before)


def test_the_end_is_told_once_however_it_comes() -> None:
    ended: list[str] = []
    started = {
        "well": Job([sys.executable, "-c", COUNT], at_end=lambda: ended.append("well")),
        "badly": Job([sys.executable, "-c", "1/0"], at_end=lambda: ended.append("badly")),
        "stopped": Job([sys.executable, "-c", FOR_EVER], at_end=lambda: ended.append("stopped")),
    }
    started["stopped"].stop()
    wait_for(lambda: not any(job.running for job in started.values()))
    assert sorted(ended) == sorted(started)
    with pytest.raises(OSError, match="no such program"):
        Job(["/no such program"], at_end=lambda: ended.append("never"))
    assert "never" not in ended


@pytest.mark.parametrize("arguments", [(), ("selftest", "--all")])
def test_commands_run_with_this_python(arguments: tuple[str, ...]) -> None:
    assert fer_core_command(*arguments) == [sys.executable, "-m", "fer_core", *arguments]
