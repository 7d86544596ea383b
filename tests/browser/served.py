"""``python -m tests.browser.served run app.py ...``: Streamlit, which on SIGUSR1 says what it does.

A test that waits in vain for threads to end sends the signal, so that its report names them.
"""

import faulthandler
import signal
import sys

from streamlit.web.cli import main

if __name__ == "__main__":
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    sys.argv[0] = "streamlit"
    main()
