"""How much memory do bad files get? Every kind at every command that reads one.

    python -m benchmarks.bad_inputs [--kinds "ZIP bomb,gzip bomb"]

Each command runs in a process of its own, whose peak is told with the modules that it shares with
the others (0.2 GB). Prints a Markdown table; exit 1 where one fell, hung, or took the file.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.cli.bad_files import CONTENTS, PLACES
from tests.cli.test_contract import KERAS, RESULTS, USED, furnish, line
from tests.commands import Command, Done, Parameter, commands, registered

BOMBS = (
    *("endless device", "pipe", "terminal", "larger than the disk"),
    *("gzip bomb", "ZIP bomb", "array bomb", "picture bomb", "JSON in JSON in JSON"),
)
"""What would take all memory, or all time, if it were believed."""


def readers() -> list[tuple[Command, Parameter]]:
    """Each command with each parameter that names a file to read."""
    return [
        (command, parameter)
        for command in registered()
        for parameter in command.parameters
        if parameter.takes(Path) and parameter.name not in RESULTS
    ]


def measure(kinds: tuple[str, ...]) -> bool:
    """Print a row a kind; whether all were refused."""
    sound = True
    print("| kind | commands | most memory | by |")
    print("| --- | ---: | ---: | --- |")
    keras = ("fer_core.training.loop.queue", "fer_core.training.artifacts.candidate")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "place").mkdir()
        place = furnish(folder / "place")
        for part in ("light", "heavy"):
            (folder / part).mkdir()
        with (
            commands(folder / "light", *USED) as light,
            commands(folder / "heavy", *USED, *keras) as heavy,
        ):
            for kind in kinds:
                peaks: list[tuple[int, str]] = []
                for number, (command, parameter) in enumerate(readers()):
                    home = folder / f"{kind} {number}"
                    home.mkdir()
                    path = (PLACES | CONTENTS)[kind](home)
                    run = heavy if command.name[0] in KERAS else light
                    done = run(
                        [*command.name, *line(command, parameter, path)],
                        folder=place.folder,
                        environment=place.environment,
                    )
                    sound &= _refused(done, f"{kind}: {command} {parameter.name}")
                    if command.name[0] not in KERAS:  # TensorFlow alone has half a gigabyte
                        peaks.append((done.peak_bytes, f"{command} {parameter.name}"))
                most, by = max(peaks)
                print(f"| {kind} | {len(peaks)} | {most / 1e6:,.0f} MB | `{by}` |", flush=True)
    return sound


def _refused(done: Done, what: str) -> bool:
    if done.code in (1, 2) and "Traceback" not in done.err:
        return True
    print(f"{what}: {done.code}\n{done.err[-500:]}", file=sys.stderr)
    return False


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kinds", default=",".join(BOMBS))
    asked = parser.parse_args()
    sys.exit(0 if measure(tuple(asked.kinds.split(","))) else 1)
