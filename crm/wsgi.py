"""The door for web servers."""

import os

from django.core.wsgi import get_wsgi_application

from crm.charsets import only_real_charsets

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
application = only_real_charsets(get_wsgi_application())

from crm.startup import refuse_to_start  # noqa: E402

# gunicorn gives up on 3, "worker failed to boot"; on any other number it tries again for ever.
refuse_to_start(exit_code=3)
