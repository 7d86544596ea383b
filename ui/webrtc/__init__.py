"""The one room where libraries are patched or read inside: Streamlit, streamlit-webrtc, aiortc."""
