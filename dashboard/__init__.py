"""The dashboard: everything Streamlit."""
