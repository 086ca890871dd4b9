"""The home page and the sidebar: what should I do next, and where do I find it.

Nothing stands on a home page that its reader cannot act on: each part shows for whoever may open
what it leads to, and says nothing of what does not wait.
"""

from crm.home.navigation import navigation
from crm.home.page import home_page

__all__ = ["home_page", "navigation"]
