"""Entry of the app: `streamlit run streamlit_app.py`, or `permit-lab app` with theme and a quick start."""

if __name__ == "__main__":
    from app.main import main

    main()
elif __name__ == "__ahead__":
    from app.ahead import prepare

    prepare()
