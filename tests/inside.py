"""Runs code inside a product, one piece for each line of its input. Not a test itself.

A process for each question would spend a second and more to start.
"""

import contextlib
import io
import json
import os
import sys
import traceback

import django


def answer(code):
    from django.db import close_old_connections

    said = io.StringIO()
    close_old_connections()
    try:
        with contextlib.redirect_stdout(said):
            exec(code, {"__name__": "__inside__"})
    except Exception:
        return {"problem": traceback.format_exc()}
    finally:
        close_old_connections()
    return {"said": said.getvalue().strip()}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    django.setup()
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)
