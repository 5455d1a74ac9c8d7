"""A transparent proxy between an application and the APIs of AI providers: it counts tokens and keeps no content."""

__version__ = "0.1.0"
