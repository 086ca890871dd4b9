from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class StaffConfig(AppConfig):
    name = "staff"
    verbose_name = _("Staff")

    def ready(self) -> None:
        from staff.roles import apply_roles_after_migrate

        autodiscover_modules("roles")
        post_migrate.connect(apply_roles_after_migrate, dispatch_uid="staff.apply_roles")
