"""``python tests/browser/served.py run app.py ...``: Streamlit, which tells what it does.

On SIGUSR1 each Python thread's stack, so that the report of a test that waits in vain for threads
to end names them; on SIGUSR2 a line ``THREADS {number of the kernel: name, ...}``, for benchmarks.
"""

import faulthandler
import json
import signal
import sys
import threading

from streamlit.web.cli import main


def _name_threads(*_: object) -> None:
    names = {thread.native_id: thread.name for thread in threading.enumerate()}
    print("\nTHREADS", json.dumps(names), flush=True)


if __name__ == "__main__":
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    signal.signal(signal.SIGUSR2, _name_threads)
    sys.argv[0] = "streamlit"
    main()
