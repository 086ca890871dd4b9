"""How gunicorn serves us; numbers of processes and threads come from the environment."""

import os

bind = f"{os.environ.get('CRM_BIND', '127.0.0.1')}:{os.environ.get('CRM_PORT', '8000')}"
workers = int(os.environ.get("CRM_WEB_PROCESSES", "1"))
threads = int(os.environ.get("CRM_WEB_THREADS", "4"))
timeout = 120
graceful_timeout = 10
# Query strings may carry what people type: the access log keeps the path alone.
accesslog = "-"
access_log_format = "%(h)s %(m)s %(U)s %(s)s %(B)s %(M)sms"
