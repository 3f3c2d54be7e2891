"""The Streamlit app: widgets in, charts out. Pages are functions; nothing runs on import."""
