"""What kind of personal or secret data a protected field holds.

Who may see which class is decided in one matrix, elsewhere (audit.disclosure).
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class DataClass(TextChoices):
    """Declared on each protected field as ``data_class=``."""

    CONTACT = "contact", _("contact data")
    IDENTITY = "identity", _("identity data")
    ADDRESS = "address", _("address")
    TEXT = "text", _("free text")
    SECRET = "secret", _("business secret")
    HEALTH = "health", _("health data")
    FINANCE = "finance", _("financial data")
