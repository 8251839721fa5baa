"""`python -m linedesk`."""

from linedesk.cli import main

if __name__ == "__main__":
    main()
