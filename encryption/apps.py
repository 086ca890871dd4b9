from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class EncryptionConfig(AppConfig):
    name = "encryption"
    verbose_name = _("Encryption")

    def ready(self) -> None:
        from encryption import admin_checks, checks  # noqa: F401  (register themselves)
        from encryption.key_checks import remember_keys

        post_migrate.connect(remember_keys, sender=self, dispatch_uid="encryption.remember_keys")
