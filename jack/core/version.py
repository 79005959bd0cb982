"""The version of Jack: of the release, and of the API's description."""

__version__ = "1.0.0"
