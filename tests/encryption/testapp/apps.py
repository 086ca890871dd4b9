from django.apps import AppConfig


class TestAppConfig(AppConfig):
    name = "tests.encryption.testapp"
    label = "encryption_testapp"
