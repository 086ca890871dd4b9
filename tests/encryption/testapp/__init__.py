"""Models that only the tests of encryption have; its tables are made without migrations."""
