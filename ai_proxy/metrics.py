"""Counters of the process. Labels are words of closed lists; nothing that a client or a provider wrote becomes one."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest

disable_created_metrics()
LATENCIES = (0.0001, 0.0002, 0.0003, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 1.0)


class Metrics:
    """One registry a process. Children are kept by label values, since looking them up costs more than counting."""

    def __init__(self):
        self.registry = CollectorRegistry()

        def counter(name: str, text: str, labels: tuple[str, ...] = ()) -> Counter:
            return Counter(name, text, labels, registry=self.registry)

        def gauge(name: str, text: str) -> Gauge:
            return Gauge(name, text, registry=self.registry)

        by_call = ("provider", "operation")
        self.requests = counter("proxy_requests", "Recorded calls.", (*by_call, "outcome"))
        self.usage = counter("proxy_usage", "Recorded calls by status of their token usage.", (*by_call, "status"))
        self.missing = counter("proxy_usage_missing", "Successful calls without token usage.", by_call)
        self.refusals = counter("proxy_refused", "Requests answered by the proxy itself.", ("reason",))
        self.upstream = counter("proxy_upstream_failures", "Requests the provider did not answer.", ("reason",))
        self.inflight = gauge("proxy_inflight", "Requests being relayed.")
        self.added = Histogram(
            "proxy_added_seconds",
            "From the request's arrival until it is handed to the connection, for bodies that came with their head.",
            buckets=LATENCIES,
            registry=self.registry,
        )
        self.tap_errors = counter("proxy_tap_errors", "Faults of usage extraction.")
        self.spool_bytes = gauge("proxy_spool_bytes", "Bytes in the spool.")
        self.oldest = gauge("proxy_oldest_unshipped_seconds", "Age of the oldest segment that waits for delivery.")
        self.accepted = counter("proxy_records_accepted", "Records handed to the spool.")
        self.spooled = counter("proxy_records_spooled", "Records written to the spool.")
        self.delivered = counter("proxy_records_delivered", "Records the sink acknowledged.")
        self.dropped = counter("proxy_records_dropped", "Records lost.", ("reason",))
        self.torn = counter("proxy_spool_torn_lines", "Half-written last lines found at start.")
        self.sink_failures = counter("proxy_sink_failures", "Failed deliveries.", ("reason",))
        self.firehose = counter("proxy_firehose_failures", "Failed Firehose calls and records.", ("reason",))
        self.children: dict[tuple, object] = {}

    def count(self, metric: Counter, *labels: str) -> None:
        key = (metric, *labels)
        child = self.children.get(key)
        if child is None:
            child = self.children[key] = metric.labels(*labels)
        child.inc()

    def recorded(self, record: dict[str, object]) -> None:
        provider, operation, status = record["provider"], record["operation"], record["usage_status"]
        self.count(self.requests, provider, operation, record["outcome"])
        self.count(self.usage, provider, operation, status)
        if status == "missing":
            self.count(self.missing, provider, operation)

    def refused(self, reason: str) -> None:
        self.count(self.refusals, reason)

    def upstream_failure(self, reason: str) -> None:
        self.count(self.upstream, reason)

    def forwarded(self, seconds: float) -> None:
        self.added.observe(seconds)

    def tap_error(self) -> None:
        self.tap_errors.inc()

    def text(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self.registry)
