"""One file of settings, read from the environment, which wins over `.env`.

Fails closed: no default secret, DEBUG off unless asked for. Every setting is described in
docs/settings.md.
"""

import os
import shutil
from pathlib import Path
from typing import Any

import environ
from cryptography.fernet import Fernet
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from customers.drops.addresses import storages_from

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(env.str("CRM_ENV_FILE", default=str(BASE_DIR / ".env")))

DATA_DIR = Path(env.str("CRM_DATA_DIR", default=str(BASE_DIR / "var"))).resolve()

# Everything this product writes, it writes here, readable by its own user alone: the database and
# what libraries write, too, and also where the directory itself was made by somebody else.
os.umask(0o077)
for _name in (
    "",
    "keys",
    "broker",
    "broker/control",
    "broker/queue",
    "drops",
    "logs",
    "media",
    "tmp",
):
    (DATA_DIR / _name).mkdir(mode=0o700, parents=True, exist_ok=True)

SECRET_KEY = env.str("CRM_SECRET_KEY", default="")
DEBUG = env.bool("CRM_DEBUG", default=False)
ALLOWED_HOSTS = env.list("CRM_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CRM_TRUSTED_ORIGINS", default=[])

# Keys ------------------------------------------------------------------------------------------

CRM_KEY_RING = env.str("CRM_KEY_RING", default=str(DATA_DIR / "keys" / "ring.json"))
CRM_KEY_RING_JSON = env.str("CRM_KEY_RING_JSON", default="")
ENCRYPTION_ACCEPT_FERNET = env.bool("ENCRYPTION_ACCEPT_FERNET", default=False)
# The stock package cannot be imported without a key. Ours never seals with it; where Fernet
# tokens of a former installation must be opened it is theirs, elsewhere it is thrown away.
FIELD_ENCRYPTION_KEY = env.str("FIELD_ENCRYPTION_KEY", default=Fernet.generate_key().decode())

# Apps ------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "encrypted_model_fields",
    "simple_history",
    "dbbackup",
    "csp",
    "encryption",
    "staff",
    "audit",
    "jobs",
    "quality",
    "backups",
    "customers",
    "crm",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "crm.charsets.no_nul_in_addresses",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "audit.middleware.acting_middleware",
    "staff.middleware.must_change_password",
]

ROOT_URLCONF = "crm.urls"
WSGI_APPLICATION = "crm.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

AUTH_USER_MODEL = "staff.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "staff.validators.DiffersFromPresentPassword"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# Database --------------------------------------------------------------------------------------

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=NORMAL;"
    "PRAGMA temp_store=MEMORY;"
    "PRAGMA cache_size=-64000;"
    "PRAGMA mmap_size=268435456;"
    "PRAGMA journal_size_limit=67108864;"
)
DATABASES: dict[str, dict[str, Any]] = {
    # No URL for our own file: % and # in the path of a directory would mean something else.
    "default": env.db_url("DATABASE_URL")
    if env.str("DATABASE_URL", default="")
    else {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DATA_DIR / "crm.sqlite3")}
}
DATABASES["default"].setdefault("OPTIONS", {})
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] |= {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": SQLITE_PRAGMAS,
    }
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Language and time -----------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("CRM_TIME_ZONE", default="UTC")
USE_I18N = True
USE_TZ = True
# Django's own JSON cuts moments to milliseconds.
SERIALIZATION_MODULES = {"json": "encryption.dumps"}

# Files -----------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "media"
STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    "dbbackup": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "backups", "file_permissions_mode": 0o600},
    },
}
# Where files of sources arrive by themselves.
STORAGES |= storages_from(
    env.str("CRM_DROPS", default=""), default={"folder": (DATA_DIR / "drops").as_uri()}
)
DBBACKUP_CONNECTOR_MAPPING = {
    "django.db.backends.sqlite3": "backups.connectors.HotSqliteConnector",
    "django.db.backends.postgresql": "backups.connectors.HotPostgresConnector",
}
DBBACKUP_TMP_DIR = str(DATA_DIR / "tmp")
FILE_UPLOAD_TEMP_DIR = str(DATA_DIR / "tmp")
FILE_UPLOAD_PERMISSIONS = 0o600

# Broker and scheduler --------------------------------------------------------------------------

REDIS_URL = env.str("REDIS_URL", default="")
BROKER_SOCKET = DATA_DIR / "broker" / "redis.sock"
# A Unix socket's path may have at most 107 bytes; a deeper data directory gets the other broker.
OWN_REDIS = not REDIS_URL and bool(shutil.which("redis-server")) and len(str(BROKER_SOCKET)) < 104

CELERY_BROKER_URL = REDIS_URL or (
    f"redis+socket://{BROKER_SOCKET}" if OWN_REDIS else "filesystem://localhost"
)
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "data_folder_in": str(DATA_DIR / "broker" / "queue"),
        "data_folder_out": str(DATA_DIR / "broker" / "queue"),
        "processed_folder": str(DATA_DIR / "broker" / "processed"),
        "control_folder": str(DATA_DIR / "broker" / "control"),
    }
    if CELERY_BROKER_URL.startswith("filesystem://")
    else {"socket_connect_timeout": 2, "socket_timeout": 30}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "broker" / "beat-schedule")

# Mail ------------------------------------------------------------------------------------------

# Off until a server is named: nothing then tries to send, and reminders show in the admin alone.
CRM_MAIL = bool(env.str("EMAIL_URL", default=""))
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
if CRM_MAIL:
    try:
        vars().update(env.email_url("EMAIL_URL"))
    except (KeyError, ValueError, ImproperlyConfigured):
        raise ImproperlyConfigured(
            "EMAIL_URL is not understood: smtp+tls://user:password@mail.example.com:587"
        ) from None
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("CRM_MAIL_FROM", default="crm@localhost")
CRM_ADDRESS = env.str("CRM_ADDRESS", default="http://localhost:8000")
CRM_REMINDERS_AT = env.str("CRM_REMINDERS_AT", default="07:00")

# In transit ------------------------------------------------------------------------------------

HTTPS = env.bool("CRM_HTTPS", default=False)
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("CRM_BEHIND_PROXY", default=False) else None
)
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 12 * 60 * 60
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# No page loads from, or sends to, another host. The theme's Alpine evaluates attributes and
# writes styles, hence the two exceptions that its scripts and styles need.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Logs ------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "crm.logs.Line",
            "fmt": "{asctime} {levelname} {name} {process} {message}",
            "style": "{",
        }
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "file": {
            "class": "crm.logs.LogFile",
            "filename": DATA_DIR / "logs" / "crm.log",
            "formatter": "line",
            "encoding": "utf-8",
            "delay": True,
        },
    },
    # A line for each message of the broker says nothing that the job's row does not, and one for
    # each look at an SFTP server nothing that the page of the source does not.
    "loggers": {
        name: {"level": "WARNING"} for name in ("celery", "kombu", "paramiko", "botocore", "boto3")
    },
    "root": {
        "handlers": ["console", "file"],
        "level": env.str("CRM_LOG_LEVEL", default="INFO"),
    },
}

# Admin theme -----------------------------------------------------------------------------------

UNFOLD = {
    "SITE_TITLE": _("CRM"),
    "SITE_HEADER": _("CRM"),
    "SITE_SYMBOL": "verified_user",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("crm/favicon.svg"),
        }
    ],
    "SITE_URL": None,
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "crm.home.home_page",
    "STYLES": [lambda request: static("crm/crm.css")],
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": "crm.home.navigation",
    },
    "COMMAND": {"search_models": False, "show_history": False},
}
