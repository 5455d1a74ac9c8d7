"""Counters of the process. Labels are words of closed lists; nothing that a client or a provider wrote becomes one."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import CounterMetricFamily

disable_created_metrics()
LATENCIES = (0.0001, 0.0002, 0.0003, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 1.0)


class Metrics:
    """One registry a process."""

    def __init__(self):
        self.accepted = self.running = 0
        self.registry = CollectorRegistry()

        def counter(name: str, text: str, labels: tuple[str, ...] = ()) -> Counter:
            return Counter(name, text, labels, registry=self.registry)

        def gauge(name: str, text: str) -> Gauge:
            return Gauge(name, text, registry=self.registry)

        self.calls: dict[tuple[str, str, str, str], int] = {}
        self.registry.register(self)
        self.refusals = counter("proxy_refused", "Requests answered by the proxy itself.", ("reason",))
        self.upstream = counter("proxy_upstream_failures", "Requests the provider did not answer.", ("reason",))
        gauge("proxy_inflight", "Requests being relayed or about to be recorded.").set_function(lambda: self.running)
        self.added = Histogram(
            "proxy_added_seconds",
            "From the request's arrival until it is handed to the connection, for bodies that came with their head.",
            buckets=LATENCIES,
            registry=self.registry,
        )
        self.tap_errors = counter("proxy_tap_errors", "Faults of usage extraction.")
        self.spool_bytes = gauge("proxy_spool_bytes", "Bytes in the spool.")
        self.oldest = gauge("proxy_oldest_unshipped_seconds", "Age of the oldest segment that waits for delivery.")
        self.spooled = counter("proxy_records_spooled", "Records written to the spool.")
        self.delivered = counter("proxy_records_delivered", "Records the sink acknowledged.")
        self.dropped = counter("proxy_records_dropped", "Records lost.", ("reason",))
        self.torn = counter("proxy_spool_torn_lines", "Half-written last lines found at start.")
        self.sink_failures = counter("proxy_sink_failures", "Failed deliveries.", ("reason",))
        self.firehose = counter("proxy_firehose_failures", "Failed Firehose calls and records.", ("reason",))

    def recorded(self, records: list[dict[str, object]]) -> None:
        """Count calls; in a plain dict, since this is done for every one."""
        for record in records:
            key = (record["provider"], record["operation"], record["outcome"], record["usage_status"])
            self.calls[key] = self.calls.get(key, 0) + 1

    def collect(self) -> Iterator[CounterMetricFamily]:
        """The counted calls, for the registry."""
        calls = dict(self.calls)
        by_call = ("provider", "operation")
        requests = CounterMetricFamily("proxy_requests", "Recorded calls.", labels=(*by_call, "outcome"))
        usage = CounterMetricFamily("proxy_usage", "Recorded calls by status of usage.", labels=(*by_call, "status"))
        missing = CounterMetricFamily("proxy_usage_missing", "Successful calls without token usage.", labels=by_call)
        for family, column in ((requests, 2), (usage, 3)):
            for labels in sorted({(*key[:2], key[column]) for key in calls}):
                family.add_metric(labels, sum(n for key, n in calls.items() if (*key[:2], key[column]) == labels))
        for labels in sorted({key[:2] for key in calls if key[3] == "missing"}):
            missing.add_metric(labels, sum(n for key, n in calls.items() if key[:2] == labels and key[3] == "missing"))
        accepted = CounterMetricFamily("proxy_records_accepted", "Records handed to the spool.", self.accepted)
        return iter((requests, usage, missing, accepted))

    def refused(self, reason: str) -> None:
        self.refusals.labels(reason).inc()

    def upstream_failure(self, reason: str) -> None:
        self.upstream.labels(reason).inc()

    def forwarded(self, seconds: float) -> None:
        self.added.observe(seconds)

    def tap_error(self) -> None:
        self.tap_errors.inc()

    def text(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self.registry)
