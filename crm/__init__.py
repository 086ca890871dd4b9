"""The roof: settings, start-up, urls, the Celery app and its schedule, the admin site.

Belongs here: wiring, and the refusal to start when something is wrong. Imported by no one.
Does not belong here: business rules, models, anything another app would want to import.
"""

from crm.celery import app as celery_app

__all__ = ["celery_app"]
