#!/usr/bin/env python
"""The door for operators."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    from django.core.management import execute_from_command_line

    from crm import startup

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command not in startup.EXEMPT_COMMANDS and "--help" not in sys.argv:
        import django

        django.setup()
        startup.refuse_to_start()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
