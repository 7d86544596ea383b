"""Mien's engine: faces, expression networks, metrics and training; knows nothing of Streamlit."""

import os

# ONNX Runtime reports to Microsoft from 1.29 on, and looks at this only when it is first imported.
# What reads faces speaks to nobody; who wants to tell Microsoft sets it to 0.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__version__ = "0.2.0"
