"""Mien's entry. Streamlit imports it once, for its server, and runs it for each visitor."""

if __name__ == "__main__":
    from ui import navigation

    navigation.run()
else:
    import streamlit as st
    from starlette.middleware import Middleware

    from ui.head import WithHead
    from ui.webrtc.menu import only_through_app

    only_through_app()
    app = st.App(__file__, middleware=[Middleware(WithHead)])
