from django.apps import AppConfig


class TestAuditConfig(AppConfig):
    name = "tests.audit.testapp"
    label = "testaudit"
