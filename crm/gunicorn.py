"""How gunicorn serves us; numbers of processes and threads come from the environment."""

import os
from typing import Any

from gunicorn.glogging import Logger

from crm.logs import WithoutSecrets, without_secrets
from crm.settings import DATA_DIR

bind = f"{os.environ.get('CRM_BIND', '127.0.0.1')}:{os.environ.get('CRM_PORT', '8000')}"
workers = int(os.environ.get("CRM_WEB_PROCESSES", "1"))
threads = int(os.environ.get("CRM_WEB_THREADS", "4"))
timeout = 120
graceful_timeout = 10
loglevel = "warning"
# Query strings may carry what people type: the access log keeps the path alone.
accesslog = str(DATA_DIR / "logs" / "access.log")
access_log_format = "%(t)s %(h)s %(m)s %(U)s %(s)s %(B)s %(M)sms"


class PathsWithoutSecrets(Logger):
    """The path of a calendar link is its secret."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.addFilter(WithoutSecrets())

    def atoms(self, *request: Any) -> dict[str, Any]:
        atoms: dict[str, Any] = super().atoms(*request)
        return {
            name: without_secrets(value) if isinstance(value, str) else value
            for name, value in atoms.items()
        }


logger_class = PathsWithoutSecrets
# It would lie in the home directory, and nobody here speaks through it.
control_socket_disable = True
# Its heartbeat files, which would lie in the system's temporary directory.
worker_tmp_dir = str(DATA_DIR / "tmp")
