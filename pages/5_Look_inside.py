"""One face and one network: where its answer comes from, and what makes it fail."""

import streamlit as st

from ui.inside.face import choose_face
from ui.inside.finding import hold_finding, show_finding
from ui.inside.perturbation import choose_perturbation
from ui.inside.reading import choose_network, show_reading
from ui.inside.views import show_views

st.title("Look inside")

finding = hold_finding()
choices, reading = st.columns([1, 1], gap="large")
with choices:
    network = choose_network()
    face = choose_face()
    with st.expander("Make it harder", icon=":material/blur_on:"):
        perturbation = choose_perturbation()
if network is not None and face is not None:
    with reading:
        subject = show_reading(face, perturbation, *network)
    show_finding(finding, face, network[1])
    if subject is not None:
        show_views(subject)
st.caption(
    "Pictures are read on the machine that Mien runs on and are not stored. Mien names the "
    "expression that a face shows, not what the person feels."
)
