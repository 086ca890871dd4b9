from django.apps import AppConfig


class UpperConfig(AppConfig):
    name = "tests.customers.upperapp"
    label = "upper"
