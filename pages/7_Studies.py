"""Studies: many recordings of many participants, from files to findings."""

import streamlit as st

from ui.studies import page as studies

st.title("Studies")

if studies.may_be_used():
    studies.show()
st.caption(
    "A study stays on the machine that Mien runs on until you delete it, with what was read and "
    "with every video that you uploaded to it. Mien names the expression that a face shows, not "
    "what the person feels."
)
