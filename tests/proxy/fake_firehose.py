"""A Firehose end point on loopback that fails, half-fails and stores without saying so, and minds the real limits."""

import base64
import json
import random
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Firehose:
    """Shares of calls: ``refused`` 5xx and not stored, ``unsaid`` 5xx but stored, ``halved`` some records refused."""

    def __init__(self, refused: float = 0, unsaid: float = 0, halved: float = 0, seed: int = 7):
        self.shares = (refused, unsaid, halved)
        self.chance = random.Random(seed)
        self.lock = threading.Lock()
        self.stored: list[bytes] = []
        self.calls = self.faults = 0
        self.broken_limits: list[str] = []
        self.is_down = False
        # What it answers with 200 instead of the truth, having stored nothing.
        self.nonsense: bytes | None = None
        self.is_blocked = threading.Event()
        firehose = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                firehose.serve(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.is_blocked.clear()
        self.server.shutdown()
        self.server.server_close()

    def records(self) -> list[dict]:
        with self.lock:
            return [json.loads(line) for data in self.stored for line in data.splitlines()]

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        while self.is_blocked.is_set():
            time.sleep(0.05)
        status, answer = self.put([base64.b64decode(record["Data"]) for record in body["Records"]])
        text = json.dumps(answer).encode() if self.nonsense is None else self.nonsense
        handler.send_response(status)
        handler.send_header("Content-Type", "application/x-amz-json-1.1")
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)

    def put(self, records: list[bytes]) -> tuple[int, dict]:
        with self.lock:
            self.calls += 1
            if len(records) > 500:
                self.broken_limits.append("records in a call")
            if sum(map(len, records)) > 4 * 1024 * 1024:
                self.broken_limits.append("bytes in a call")
            self.broken_limits += ["no line end" for record in records if not record.endswith(b"\n")]
            dice, (refused, unsaid, halved) = self.chance.random(), self.shares
            if self.nonsense is not None:
                self.faults += 1
                return 200, {}
            if self.is_down or dice < refused:
                self.faults += 1
                return 500, {"__type": "ServiceUnavailableException"}
            if dice < refused + unsaid:
                self.faults += 1
                self.stored += records
                return 500, {"__type": "InternalFailure"}
            answers = []
            for record in records:
                if dice < refused + unsaid + halved and self.chance.random() < 0.3:
                    self.faults += 1
                    answers.append({"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "slow down"})
                else:
                    self.stored.append(record)
                    answers.append({"RecordId": str(len(self.stored))})
            failed = sum("ErrorCode" in one for one in answers)
            return 200, {"FailedPutCount": failed, "Encrypted": False, "RequestResponses": answers}
