"""`python -m app.cli` is `adloom`, for places where the script is not on the path."""

from app.cli import main

if __name__ == "__main__":
    main()
