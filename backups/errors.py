"""What a backup may fail with. Messages say what to do and name no data."""


class BackupFailed(Exception):
    """No backup was made; what was there before is untouched."""


class BackupRunning(BackupFailed):
    """Another process is making one at this moment."""
