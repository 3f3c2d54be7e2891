"""Entry of the app: `streamlit run streamlit_app.py`, or `permit-lab app` with the theme."""

from app.main import main

if __name__ == "__main__":
    main()
