"""Settings of the proxy: one TOML file, every key optional, an unknown key or a wrong value refused by name."""

import ipaddress
import re
import ssl
import tomllib
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ai_proxy.providers import DEFAULT_BASE_URLS, VERTEX_LOCATIONS

MIB = 1024 * 1024


class ConfigError(Exception):
    """One message: which file and setting, what is wrong, what to do."""


@dataclass(frozen=True)
class Server:
    """Where the proxy listens. Port 0 takes any free port. Time-outs in seconds."""

    host: str = "127.0.0.1"
    port: int = 8080
    metrics_port: int = 8081
    max_connections: int = 2000
    max_body_bytes: int = 512 * MIB
    header_timeout_seconds: float = 75.0
    connect_timeout_seconds: float = 10.0
    shutdown_seconds: float = 20.0
    ca_file: str = ""
    reuse_port: bool = False
    log_level: str = "warning"


@dataclass(frozen=True)
class Spool:
    """Write-ahead folder of records. One proxy process per folder.

    ``install_id`` is a UUID shared by proxies that serve the same clients, so that an object polled through several of
    them has one record id; without it every folder makes its own.
    """

    dir: str = "telemetry/spool"
    install_id: str = ""
    rotate_seconds: float = 60.0
    rotate_bytes: int = MIB
    fsync_seconds: float = 1.0
    max_bytes: int = 1024 * MIB


@dataclass(frozen=True)
class Sink:
    """Where rotated segments go: a local folder, or a stream of Kinesis Data Firehose."""

    kind: str = "folder"
    folder: str = "telemetry/raw"
    stream: str = ""
    region: str = ""
    endpoint_url: str = ""
    degraded_after_seconds: float = 300.0


@dataclass(frozen=True)
class Labels:
    """Static labels written on every record."""

    team: str | None = None


@dataclass(frozen=True)
class ProviderSettings:
    """One upstream. ``models`` maps Azure deployment names to model names; ``locations`` is for Vertex."""

    base_url: str
    inject_include_usage: bool = False
    models: dict[str, str] = field(default_factory=dict)
    locations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Config:
    """Everything a process needs; ``providers`` is keyed by ``openai``, ``azure.<alias>``, ``vertex`` and so on."""

    server: Server = field(default_factory=Server)
    spool: Spool = field(default_factory=Spool)
    sink: Sink = field(default_factory=Sink)
    labels: Labels = field(default_factory=Labels)
    providers: dict[str, ProviderSettings] = field(default_factory=dict)


def load(path: Path | None) -> Config:
    """Read the file, or take the defaults where ``path`` is None. Raises ConfigError."""
    if path is None:
        return parse({}, "defaults")
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}). Name an existing file with --config.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is not TOML ({error}). Correct the file.") from None
    return parse(content, str(path))


def parse(content: dict, name: str = "config") -> Config:
    """Config from parsed TOML; ``name`` stands in messages. Raises ConfigError."""
    known = {"server": Server, "spool": Spool, "sink": Sink, "labels": Labels}
    if unknown := set(content) - set(known) - {"providers"}:
        raise ConfigError(
            f"{name}: unknown section [{min(unknown)}]. Correct its name. Known: {', '.join(known)}, providers."
        )
    sections = {key: section(kind, content.get(key, {}), f"{name}: [{key}]") for key, kind in known.items()}
    config = Config(**sections, providers=read_providers(content.get("providers", {}), name))
    check(config, name)
    return config


def section(kind: type, values: object, where: str):
    """A dataclass from one table, each value of the type of its default."""
    if not isinstance(values, dict):
        raise ConfigError(f"{where}: must be a table.")
    kept = {}
    for key, value in values.items():
        if key not in kind.__dataclass_fields__:
            raise ConfigError(
                f"{where} {key}: unknown setting. Correct its name. Known: {', '.join(kind.__dataclass_fields__)}."
            )
        default = kind.__dataclass_fields__[key].default
        wanted = str if default is None else type(default)
        if wanted is float and type(value) is int:
            value = float(value)
        if type(value) is not wanted:
            raise ConfigError(f"{where} {key}: must be of type {wanted.__name__}, not {type(value).__name__}.")
        if wanted in (int, float) and value < 0:
            raise ConfigError(f"{where} {key}: must not be negative.")
        kept[key] = value
    return kind(**kept)


def read_providers(tables: object, name: str) -> dict[str, ProviderSettings]:
    """The fixed providers with their overrides, and the Azure resources by alias."""
    if not isinstance(tables, dict):
        raise ConfigError(f"{name}: [providers] must be a table.")
    if unknown := set(tables) - set(DEFAULT_BASE_URLS) - {"azure"}:
        known = ", ".join([*DEFAULT_BASE_URLS, "azure.<alias>"])
        raise ConfigError(f"{name}: [providers.{min(unknown)}]: unknown provider. Correct its name. Known: {known}.")
    found = {key: provider(key, tables.get(key, {}), url, name) for key, url in DEFAULT_BASE_URLS.items()}
    for alias, values in tables.get("azure", {}).items():
        if not isinstance(values, dict) or not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", alias):
            raise ConfigError(
                f"{name}: [providers.azure]: give each resource a table of its own, [providers.azure.<alias>], "
                "the alias of letters, digits, '-' and '_'."
            )
        found[f"azure.{alias}"] = provider(f"azure.{alias}", values, "", name)
    return found


def provider(key: str, values: dict, default_url: str, name: str) -> ProviderSettings:
    where = f"{name}: [providers.{key}]"
    kinds = {"base_url": str, "inject_include_usage": bool, "models": dict, "locations": list}
    for setting, value in values.items():
        if setting not in kinds:
            raise ConfigError(f"{where} {setting}: unknown setting. Correct its name. Known: {', '.join(kinds)}.")
        if type(value) is not kinds[setting]:
            raise ConfigError(f"{where} {setting}: must be of type {kinds[setting].__name__}.")
    url = str(values.get("base_url", default_url)).rstrip("/")
    if not url:
        raise ConfigError(f"{where} base_url: is missing. Give it as https://<resource>.openai.azure.com.")
    check_base_url(url, where)
    locations = tuple(values.get("locations", VERTEX_LOCATIONS if key == "vertex" else ()))
    if not all(isinstance(place, str) and re.fullmatch(r"[a-z0-9-]{1,40}", place) for place in locations):
        raise ConfigError(f"{where} locations: must be a list of location names such as europe-west1.")
    models = dict(values.get("models", {}))
    if not all(isinstance(model, str) for model in models.values()):
        raise ConfigError(f"{where} models: must map deployment names to model names.")
    return ProviderSettings(url, values.get("inject_include_usage", False), models, locations)


def check_base_url(url: str, where: str) -> None:
    """Only https, or http to this very machine; nothing but scheme, host, port and path."""
    try:
        parts = urlsplit(url.replace("{location}", "location"))
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ConfigError(f"{where} base_url: is not a URL. Give it as https://host[:port][/path].") from None
    if not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment or parts.username:
        raise ConfigError(f"{where} base_url: must be https://host[:port][/path] and nothing more.")
    if parts.scheme == "http" and not is_loopback(host):
        raise ConfigError(f"{where} base_url: http is allowed to loopback only; use https for {host}.")


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_endpoint_url(url: str, where: str) -> None:
    """An address of Firehose other than the region's own, such as a VPC end point."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("http", "https") or parts.query or parts.fragment or parts.username:
        raise ConfigError(f"{where}: {url!r} is no address of a service. Write it as https://host[:port].")
    if parts.scheme == "http" and not is_loopback(host):
        raise ConfigError(f"{where}: http is allowed to loopback only; use https for {host}.")


def check_ca_file(path: str, where: str) -> None:
    """Certificates that can be loaded, or none named."""
    if not path:
        return
    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:
        # What is no PEM is an OSError too (ssl.SSLError), without a text of its own.
        reason = "holds no PEM certificates" if isinstance(error, ssl.SSLError) else error.strerror
        raise ConfigError(f"{where}: {path} cannot be used ({reason}). Name a file of PEM certificates.") from None


def check_install_id(text: str, where: str) -> None:
    """A UUID, or nothing."""
    try:
        uuid.UUID(text or str(uuid.uuid4()))
    except ValueError:
        raise ConfigError(
            f"{where}: {text!r} is no UUID. Make one with `python -c 'import uuid; print(uuid.uuid4())'` and give it "
            "to every proxy that serves the same clients."
        ) from None


def check(config: Config, name: str) -> None:
    """What no single value shows."""
    sink = config.sink
    if sink.kind not in ("folder", "firehose"):
        raise ConfigError(f'{name}: [sink] kind: must be "folder" or "firehose", not "{sink.kind}".')
    if sink.kind == "firehose" and not sink.stream:
        raise ConfigError(f"{name}: [sink] stream: is missing. Name the Firehose stream.")
    if sink.region and not re.fullmatch(r"[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}", sink.region):
        raise ConfigError(f'{name}: [sink] region: "{sink.region}" is no AWS region. Write it like eu-central-1.')
    if sink.endpoint_url:
        check_endpoint_url(sink.endpoint_url, f"{name}: [sink] endpoint_url")
    check_ca_file(config.server.ca_file, f"{name}: [server] ca_file")
    check_install_id(config.spool.install_id, f"{name}: [spool] install_id")
    team = config.labels.team
    if team is not None and not (0 < len(team) <= 128 and team.isprintable()):
        raise ConfigError(f"{name}: [labels] team: must be 1 to 128 printable characters.")
    if config.server.log_level not in ("debug", "info", "warning", "error"):
        raise ConfigError(f"{name}: [server] log_level: must be debug, info, warning or error.")
    for port in (config.server.port, config.server.metrics_port):
        if port > 65535:
            raise ConfigError(f"{name}: [server] port {port}: must be at most 65535.")
