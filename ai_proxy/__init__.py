"""A transparent proxy between an application and the APIs of AI providers that keeps count of tokens, never of content."""

__version__ = "0.1.0"
