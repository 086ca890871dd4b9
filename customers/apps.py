from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "customers"
    verbose_name = _("Customers")

    def ready(self) -> None:
        from customers import checks, search_index  # noqa: F401  (checks register themselves)

        post_migrate.connect(search_index.after_migrate, sender=self)
