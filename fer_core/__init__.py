"""Mien's engine: faces, expression networks, metrics and training; knows nothing of Streamlit."""

__version__ = "0.2.0"
