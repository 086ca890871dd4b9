#!/usr/bin/env python
"""The door for operators."""

import os
import sys

# What a shell takes for the end by Ctrl-C.
STOPPED = 130


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    from django.core.management import execute_from_command_line

    from crm import startup

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command not in startup.EXEMPT_COMMANDS and "--help" not in sys.argv:
        import django

        django.setup()
        startup.refuse_to_start()
    try:
        execute_from_command_line(sys.argv)
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. What was finished before is kept.\n")
        sys.exit(STOPPED)


if __name__ == "__main__":
    main()
