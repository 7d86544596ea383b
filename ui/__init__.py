"""Everything of the dashboard that knows Streamlit; pages import from here and from fer_core."""
