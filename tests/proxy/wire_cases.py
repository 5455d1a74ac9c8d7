"""Answers of every API, as they stand on the wire, and what must be read of each. All of our own making."""

import json
from dataclasses import dataclass, field

from fake_provider import USAGE_CHAT, USAGE_GEMINI, USAGE_RESPONSES, sse

SSE = "text/event-stream; charset=utf-8"
CHAT = {"input_tokens": 31, "output_tokens": 12, "cache_read_tokens": 16, "cache_write_tokens": 0}
CHAT |= {"reasoning_tokens": 5, "total_tokens_reported": 43}
NOTHING = {"input_tokens": None, "output_tokens": None, "total_tokens_reported": None}
BASE = {"id": "chatcmpl-t1", "object": "chat.completion.chunk", "created": 1767225600, "model": "gpt-test-1"}
DELTA = {**BASE, "choices": [{"index": 0, "delta": {"content": "Hel"}, "finish_reason": None}], "usage": None}
LAST = {**BASE, "choices": [], "usage": USAGE_CHAT}
FILTER = {
    "choices": [],
    "created": 0,
    "id": "",
    "model": "",
    "object": "",
    "prompt_filter_results": [{"prompt_index": 0}],
}
TRAP = {"a": 'so "usage": {"input_tokens": 7} is \\" said', "usage": {"prompt_tokens": 99999, "output_tokens": 99999}}


@dataclass
class Case:
    """One call: where, what came back, what the record must say. ``tail`` False: the end of the body never came."""

    name: str
    provider: str
    path: str
    body: bytes
    wanted: dict
    content_type: str = "application/json"
    method: str = "POST"
    status: int = 200
    request: dict | bytes = field(default_factory=dict)
    request_type: str = "application/json"
    is_whole: bool = True


def js(value: object, indent: int | None = None) -> bytes:
    return json.dumps(value, indent=indent).encode()


def ok(**more) -> dict:
    return {"usage_status": "reported", "outcome": "complete", **more}


def anthropic_start(**usage) -> dict:
    message = {"id": "msg_t1", "type": "message", "role": "assistant", "model": "claude-test-1", "content": []}
    return {"type": "message_start", "message": {**message, "usage": usage}}


ANTHROPIC_USAGE = {"input_tokens": 10, "cache_creation_input_tokens": 100, "cache_read_input_tokens": 1000}
ANTHROPIC_START = anthropic_start(**ANTHROPIC_USAGE, output_tokens=1)
ANTHROPIC_DELTA = {
    "type": "message_delta",
    "delta": {"stop_reason": "end_turn"},
    "usage": {**ANTHROPIC_USAGE, "input_tokens": 55, "cache_read_input_tokens": 2000, "output_tokens": 42},
}
ANTHROPIC_TRAP = {
    "type": "content_block_delta",
    "index": 0,
    "delta": {"type": "text_delta", "text": '{"usage":{"output_tokens":99999}}'},
}
ANTHROPIC_TOOL = {"type": "content_block_start", "index": 1, "content_block": {"type": "tool_use", "input": TRAP}}
STOP = {"type": "message_stop"}
RESPONSE = {"id": "resp_t1", "object": "response", "model": "gpt-test-1", "output": [TRAP], "error": None}
COMPLETED = {**RESPONSE, "status": "completed", "usage": USAGE_RESPONSES}
CREATED = {"type": "response.created", "response": {**RESPONSE, "status": "in_progress", "usage": None}}
TEXT = {"content": {"role": "model", "parts": [{"text": 'x "usageMetadata": {"promptTokenCount": 7}'}]}, "index": 0}
GEMINI_FIRST = {
    "candidates": [TEXT],
    "usageMetadata": {"promptTokenCount": 40, "totalTokenCount": 40},
    "modelVersion": "gemini-test-1",
}
GEMINI_LAST = {
    "candidates": [{**TEXT, "finishReason": "STOP"}],
    "usageMetadata": USAGE_GEMINI,
    "modelVersion": "gemini-test-1",
}
GEMINI_SILENT = {"candidates": [TEXT], "modelVersion": "gemini-test-1"}
GEMINI = {"input_tokens": 47, "output_tokens": 196, "cache_read_tokens": 32, "reasoning_tokens": 190}
GEMINI |= {"total_tokens_reported": 243, "cache_write_tokens": None, "model": "gemini-test-1", "operation": "chat"}
GENERATE, STREAM = "/v1beta/models/gemini-x:generateContent", "/v1beta/models/gemini-x:streamGenerateContent"
ANTHROPIC = {"model": "claude-test-1", "input_tokens": 2155, "cache_read_tokens": 2000, "cache_write_tokens": 100}
ANTHROPIC |= {"output_tokens": 42, "total_tokens_reported": None, "provider": "anthropic", "operation": "chat"}
IMAGE_USAGE = {
    "input_tokens": 50,
    "input_tokens_details": {"image_tokens": 40, "text_tokens": 10},
    "output_tokens": 600,
    "total_tokens": 650,
}
VIDEO = {"id": "video_1", "object": "video", "model": "sora-test", "seconds": "8", "size": "1280x720"}
INTERACTION = {
    "id": "int_1",
    "model": "gemini-test-1",
    "status": "completed",
    "usage": {
        "total_input_tokens": 10,
        "total_cached_tokens": 4,
        "total_output_tokens": 5,
        "total_thought_tokens": 20,
        "total_tool_use_tokens": 3,
        "total_tokens": 38,
    },
}
MISTRAL_USAGE = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}
CHAT_PATH, RESPONSES_PATH = "/v1/chat/completions", "/v1/responses"


def gemini_body(**usage) -> bytes:
    return js(
        {"candidates": [{**TEXT, "finishReason": "STOP"}], "usageMetadata": usage, "modelVersion": "gemini-test-1"}
    )


def form(**fields: str) -> bytes:
    text = b""
    for name, value in fields.items():
        text += f'--mark\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    file = b"\r\n--mar is in here, model too\r\n" * 5000
    text += b'--mark\r\nContent-Disposition: form-data; name="image"; filename="model.png"\r\n\r\n' + file
    return text + b'\r\n--mark\r\nContent-Disposition: form-data; name="n"\r\n\r\n3\r\n--mark--\r\n'


CASES = [
    # OpenAI chat and text completions, Azure, Mistral
    Case("chat", "openai", CHAT_PATH, js({**BASE, "choices": [TRAP], "usage": USAGE_CHAT}), ok(**CHAT, stream=False)),
    Case("chat pretty", "openai", CHAT_PATH, js({"usage": USAGE_CHAT, "choices": [TRAP], **BASE}, 2), ok(**CHAT)),
    Case("chat stream", "openai", CHAT_PATH, sse(DELTA, LAST, "[DONE]"), ok(**CHAT, stream=True), SSE),
    Case(
        "chat stream without usage",
        "openai",
        CHAT_PATH,
        sse(DELTA, "[DONE]"),
        {"usage_status": "missing", "outcome": "complete", "model": "gpt-test-1", **NOTHING},
        SSE,
    ),
    Case(
        "azure begins with an empty model",
        "azure_openai",
        "/openai/deployments/secret/chat/completions",
        sse(FILTER, DELTA, LAST, "[DONE]"),
        ok(**CHAT, provider="azure_openai", model="gpt-test-1"),
        SSE,
    ),
    Case(
        "azure answer without model: the deployment is no model",
        "azure_openai",
        "/openai/v1/chat/completions",
        js({"choices": [], "usage": USAGE_CHAT}),
        ok(**CHAT, model=None),
        request={"model": "secret-deployment"},
    ),
    Case(
        "azure answer without model: the operator's map",
        "azure_openai",
        "/openai/deployments/mapped/chat/completions",
        js({"choices": [], "usage": USAGE_CHAT}),
        ok(**CHAT, model="gpt-mapped"),
    ),
    Case(
        "text completion",
        "openai",
        "/v1/completions",
        js({"model": "gpt-test-1", "usage": {"prompt_tokens": 3, "completion_tokens": 7, "total_tokens": 298}}),
        ok(operation="text_completion", input_tokens=3, output_tokens=7, total_tokens_reported=298),
    ),
    Case(
        "error event in a stream, then done",
        "openai",
        CHAT_PATH,
        sse(DELTA, {"error": {"message": "secret"}}, "[DONE]"),
        {"usage_status": "partial", "outcome": "upstream_error", **NOTHING},
        SSE,
    ),
    Case(
        "stream that breaks off",
        "openai",
        CHAT_PATH,
        sse(DELTA, DELTA),
        {"usage_status": "partial", "outcome": "upstream_incomplete", **NOTHING},
        SSE,
    ),
    Case(
        "mistral last chunk",
        "mistral",
        CHAT_PATH,
        sse({**BASE, "model": "mistral-test-1", "choices": [], "usage": MISTRAL_USAGE}, "[DONE]"),
        ok(input_tokens=9, output_tokens=4, cache_read_tokens=None, model="mistral-test-1", provider="mistral"),
        SSE,
    ),
    Case(
        "mistral cached tokens, second spelling",
        "mistral",
        "/v1/agents/completions",
        js({"model": "m", "usage": {**MISTRAL_USAGE, "num_cached_tokens": 6}}),
        ok(cache_read_tokens=6, operation="chat"),
    ),
    Case(
        "mistral cached tokens, third spelling, and fill in the middle",
        "mistral",
        "/v1/fim/completions",
        js({"model": "m", "usage": {**MISTRAL_USAGE, "prompt_token_details": {"cached_tokens": 5}}}),
        ok(cache_read_tokens=5, operation="text_completion"),
    ),
    Case(
        "google compatible chat",
        "google",
        "/v1beta/openai/chat/completions",
        js({"model": "gemini-test-1", "usage": USAGE_CHAT}),
        ok(**CHAT, provider="google"),
    ),
    Case(
        "vertex compatible chat",
        "vertex",
        "/v1/projects/p/locations/l/endpoints/openapi/chat/completions",
        js({"model": "google/gemini-test-1", "usage": USAGE_CHAT}),
        ok(**CHAT, model="google/gemini-test-1"),
    ),
    Case(
        "google compatible chat: thinking stands in the total alone",
        "google",
        "/v1beta/openai/chat/completions",
        js(
            {
                "model": "gemini-test-1",
                "usage": {"prompt_tokens": 3, "completion_tokens": 7, "total_tokens": 298},
            }
        ),
        ok(input_tokens=3, output_tokens=295, reasoning_tokens=None, total_tokens_reported=298),
    ),
    Case(
        "vertex compatible chat, stream: all thinking, no completion",
        "vertex",
        "/v1/projects/p/locations/l/endpoints/openapi/chat/completions",
        sse({**BASE, "choices": [], "usage": {"prompt_tokens": 3, "total_tokens": 298}}, "[DONE]"),
        ok(input_tokens=3, output_tokens=295, total_tokens_reported=298),
        SSE,
    ),
    Case(
        "google compatible chat: a total that is too small changes nothing",
        "google",
        "/v1beta/openai/chat/completions",
        js({"model": "gemini-test-1", "usage": {"prompt_tokens": 3, "completion_tokens": 7, "total_tokens": 3}}),
        ok(input_tokens=3, output_tokens=7, total_tokens_reported=3),
    ),
    Case(
        "counters that are none",
        "openai",
        CHAT_PATH,
        js({"model": "m", "usage": {"prompt_tokens": 4.0, "completion_tokens": "9", "total_tokens": -1}}),
        ok(input_tokens=4, output_tokens=None, total_tokens_reported=None),
    ),
    Case(
        "fine-tuned model",
        "openai",
        CHAT_PATH,
        js({"model": "ft:gpt-4o-mini:secret-org::id", "usage": USAGE_CHAT}),
        ok(model="gpt-4o-mini"),
    ),
    Case(
        "a model name that is none",
        "openai",
        CHAT_PATH,
        js({"model": "secret words", "usage": USAGE_CHAT}),
        ok(model="invalid"),
    ),
    Case(
        "not JSON",
        "openai",
        CHAT_PATH,
        b"<html>secret</html>",
        {"usage_status": "unparseable", "outcome": "complete", **NOTHING},
    ),
    Case("empty body", "openai", CHAT_PATH, b"", {"usage_status": "unparseable", "outcome": "complete", **NOTHING}),
    Case(
        "http error",
        "openai",
        CHAT_PATH,
        js({"error": {"message": "secret"}}),
        {
            "usage_status": "not_applicable",
            "outcome": "upstream_error",
            "http_status": 429,
            **NOTHING,
            "model": "gpt-x",
        },
        status=429,
        request={"model": "gpt-x", "messages": [{"content": "secret"}]},
    ),
    # Responses
    Case("responses", "openai", RESPONSES_PATH, js(COMPLETED), ok(**CHAT, stream=False)),
    Case(
        "responses stream",
        "openai",
        RESPONSES_PATH,
        sse(CREATED, {"type": "response.completed", "response": COMPLETED}, named=True),
        ok(**CHAT, stream=True, model="gpt-test-1"),
        SSE,
    ),
    Case(
        "responses stream cut by a limit",
        "azure_openai",
        "/openai/v1/responses",
        sse(CREATED, {"type": "response.incomplete", "response": {**COMPLETED, "status": "incomplete"}}, named=True),
        ok(**CHAT),
        SSE,
    ),
    Case(
        "responses stream that failed",
        "openai",
        RESPONSES_PATH,
        sse(
            CREATED,
            {"type": "response.failed", "response": {**COMPLETED, "status": "failed", "error": {"code": "x"}}},
            named=True,
        ),
        {"usage_status": "reported", "outcome": "upstream_error", **CHAT},
        SSE,
    ),
    Case(
        "responses stream that ends in an error event",
        "openai",
        RESPONSES_PATH,
        sse(CREATED, {"type": "error", "message": "secret"}, named=True),
        {"usage_status": "partial", "outcome": "upstream_error", **NOTHING},
        SSE,
    ),
    Case(
        "responses in the background",
        "openai",
        RESPONSES_PATH,
        js({**RESPONSE, "status": "queued", "usage": None}),
        {"usage_status": "missing", "outcome": "complete", **NOTHING},
    ),
    Case(
        "responses poll of one that failed",
        "openai",
        "/v1/responses/resp_t1",
        js({**RESPONSE, "status": "failed", "error": {"code": "x", "message": "secret"}, "usage": None}),
        {"usage_status": "not_applicable", "outcome": "upstream_error", **NOTHING},
        method="GET",
    ),
    Case(
        "responses poll of one that was cancelled",
        "azure_openai",
        "/openai/v1/responses/resp_t1",
        js({**RESPONSE, "status": "cancelled", "usage": None}),
        {"usage_status": "not_applicable", "outcome": "upstream_error", **NOTHING},
        method="GET",
    ),
    Case(
        "responses being cancelled",
        "openai",
        "/v1/responses/resp_t1/cancel",
        js({**RESPONSE, "status": "cancelled"}),
        {"usage_status": "not_applicable", "outcome": "upstream_error", **NOTHING},
    ),
    Case(
        "responses stream that failed without usage",
        "openai",
        RESPONSES_PATH,
        sse(CREATED, {"type": "response.failed", "response": {**RESPONSE, "status": "failed", "usage": None}}),
        {"usage_status": "not_applicable", "outcome": "upstream_error", **NOTHING},
        SSE,
    ),
    Case(
        "responses stream with pictures: another model's, counted neither as images nor as tokens",
        "openai",
        RESPONSES_PATH,
        sse(
            CREATED,
            {"type": "response.image_generation_call.in_progress", "item_id": "ig_1"},
            {"type": "response.image_generation_call.partial_image", "partial_image_b64": "A" * 3000, "size": "1x1"},
            {"type": "response.image_generation_call.completed", "item_id": "ig_1", "usage": IMAGE_USAGE},
            {"type": "response.output_item.done", "item": {"id": "ig_1", "type": "image_generation_call"}},
            {
                "type": "response.completed",
                "response": {**COMPLETED, "tool_usage": {"image_gen": {"input_tokens": 50, "output_tokens": 600}}},
            },
            named=True,
        ),
        ok(**CHAT, output_type="text", operation="chat", image_count=None, image_size=None),
        SSE,
    ),
    Case("responses poll", "openai", "/v1/responses/resp_t1", js(COMPLETED), ok(**CHAT), method="GET"),
    Case(
        "responses compaction",
        "openai",
        "/v1/responses/compact",
        js({"id": "resp_c", "object": "response.compaction", "output": [], "usage": USAGE_RESPONSES}),
        ok(**CHAT, model="gpt-asked"),
        request={"input": "secret", "model": "gpt-asked"},
    ),
    Case(
        "decisions",
        "openai",
        "/v1/decisions",
        js({"model": "m", "usage": USAGE_RESPONSES}),
        ok(input_tokens=31, operation="other", output_type="other"),
    ),
    # Embeddings
    Case(
        "embeddings",
        "openai",
        "/v1/embeddings",
        js({"data": [{"embedding": [0.5] * 3000}], "model": "e", "usage": {"prompt_tokens": 8, "total_tokens": 8}}),
        ok(operation="embeddings", output_type="embedding", input_tokens=8, output_tokens=0, cache_read_tokens=None),
    ),
    Case(
        "mistral embeddings",
        "mistral",
        "/v1/embeddings",
        js({"model": "e", "data": [], "usage": {**MISTRAL_USAGE, "completion_tokens": 0, "num_cached_tokens": 2}}),
        ok(input_tokens=9, output_tokens=0, cache_read_tokens=2),
    ),
    Case(
        "embeddings with a total alone",
        "google",
        "/v1beta/openai/embeddings",
        js({"data": [], "model": "e", "usage": {"total_tokens": 8}}),
        ok(operation="embeddings", input_tokens=8, output_tokens=0, total_tokens_reported=8),
    ),
    Case(
        "mistral embeddings with a total alone",
        "mistral",
        "/v1/embeddings",
        js({"data": [], "model": "e", "usage": {"total_tokens": 8}}),
        ok(input_tokens=8, output_tokens=0),
    ),
    # Images
    Case(
        "images",
        "openai",
        "/v1/images/generations",
        js({"data": [{"b64_json": "A" * 9000}] * 2, "size": "1024x1536", "quality": "high", "usage": IMAGE_USAGE}),
        ok(
            image_count=2,
            image_size="1024x1536",
            image_quality="high",
            input_tokens=50,
            output_tokens=600,
            model="gpt-i",
        ),
        request={"model": "gpt-i", "prompt": "secret", "n": 2, "size": "auto", "quality": "auto"},
    ),
    Case(
        "images without tokens",
        "openai",
        "/v1/images/generations",
        js({"data": [{"url": "https://example.com/secret"}]}),
        {
            "usage_status": "not_applicable",
            "outcome": "complete",
            "image_count": 1,
            "image_size": "1024x1024",
            "image_quality": "hd",
            "model": "dall-e-3",
            **NOTHING,
        },
        request={"model": "dall-e-3", "size": "1024x1024", "quality": "hd"},
    ),
    Case(
        "image stream",
        "openai",
        "/v1/images/edits",
        sse(
            {"type": "image_edit.partial_image", "b64_json": "A" * 400_000},
            {"type": "image_edit.completed", "b64_json": "B" * 400_000, "size": "1024x1024", "usage": IMAGE_USAGE},
            named=True,
        ),
        ok(image_count=1, image_size="1024x1024", image_quality="high", output_tokens=600, stream=True, model="gpt-i"),
        SSE,
        request=form(model="gpt-i", prompt="secret", quality="high"),
        request_type="multipart/form-data; boundary=mark",
    ),
    # Audio
    Case(
        "transcription in tokens",
        "openai",
        "/v1/audio/transcriptions",
        js({"text": "x", "usage": {"type": "tokens", "input_tokens": 14, "output_tokens": 5, "total_tokens": 19}}),
        ok(
            operation="audio_in",
            output_type="text",
            input_tokens=14,
            output_tokens=5,
            media_seconds=None,
            model="whisper-x",
        ),
        request=form(model="whisper-x"),
        request_type='multipart/form-data; boundary="mark"',
    ),
    Case(
        "transcription in seconds",
        "openai",
        "/v1/audio/transcriptions",
        js({"text": "x", "usage": {"type": "duration", "seconds": 12.5}}),
        {"usage_status": "not_applicable", "outcome": "complete", "media_seconds": 12.5, **NOTHING},
    ),
    Case(
        "transcription stream",
        "openai",
        "/v1/audio/transcriptions",
        sse(
            {"type": "transcript.text.delta", "delta": "x"},
            {"type": "transcript.text.done", "usage": {"type": "tokens", "input_tokens": 14, "output_tokens": 5}},
        ),
        ok(input_tokens=14, output_tokens=5),
        SSE,
    ),
    Case(
        "transcription as text",
        "openai",
        "/v1/audio/transcriptions",
        b"1\n00:00:00,000 --> secret",
        {"usage_status": "missing", "outcome": "complete", **NOTHING},
        "text/plain; charset=utf-8",
    ),
    Case(
        "mistral transcription",
        "mistral",
        "/v1/audio/transcriptions",
        js({"model": "voxtral", "text": "x", "usage": {**MISTRAL_USAGE, "prompt_audio_seconds": 30}}),
        ok(input_tokens=9, output_tokens=4, media_seconds=30.0, model="voxtral"),
    ),
    Case(
        "mistral transcription stream",
        "mistral",
        "/v1/audio/transcriptions",
        sse({"type": "transcription.done", "model": "voxtral", "text": "x", "usage": MISTRAL_USAGE}),
        ok(input_tokens=9, output_tokens=4),
        SSE,
    ),
    Case(
        "speech",
        "openai",
        "/v1/audio/speech",
        b"\xff\xf3binary",
        {
            "usage_status": "not_applicable",
            "outcome": "complete",
            "operation": "audio_out",
            "model": "tts-1",
            **NOTHING,
        },
        "audio/mpeg",
        request={"model": "tts-1", "input": "secret"},
    ),
    Case(
        "speech as events",
        "openai",
        "/v1/audio/speech",
        sse({"type": "speech.audio.delta", "audio": "AAAA"}, {"type": "speech.audio.done", "usage": MISTRAL_USAGE}),
        ok(operation="audio_out", output_type="audio", input_tokens=9, output_tokens=4),
        SSE,
    ),
    # Video
    Case(
        "video",
        "openai",
        "/v1/videos",
        js({**VIDEO, "status": "queued"}),
        {
            "usage_status": "not_applicable",
            "outcome": "complete",
            "media_seconds": 8.0,
            "image_size": "1280x720",
            "image_count": None,
            "operation": "video",
            "model": "sora-test",
        },
        request={"model": "sora-test", "n": 1},
    ),
    Case(
        "video that failed",
        "openai",
        "/v1/videos/video_1",
        js({**VIDEO, "status": "failed", "error": {"code": "x"}}),
        {"usage_status": "not_applicable", "outcome": "upstream_error", "media_seconds": None},
        method="GET",
    ),
    Case(
        "video made longer: only what was added",
        "openai",
        "/v1/videos/extensions",
        js({**VIDEO, "status": "queued", "seconds": "12"}),
        {"usage_status": "not_applicable", "outcome": "complete", "media_seconds": 4.0, "image_size": "1280x720"},
        request={"video": {"id": "video_0"}, "prompt": "secret", "seconds": "4"},
    ),
    Case(
        "video made longer from a form",
        "openai",
        "/v1/videos/extensions",
        js({**VIDEO, "status": "queued", "seconds": "12"}),
        {"usage_status": "not_applicable", "outcome": "complete", "media_seconds": 8.0},
        request=form(seconds="8", prompt="secret"),
        request_type="multipart/form-data; boundary=mark",
    ),
    Case(
        "video made longer, nobody says by how much",
        "openai",
        "/v1/videos/extensions",
        js({**VIDEO, "status": "queued", "seconds": "12"}),
        {"usage_status": "not_applicable", "outcome": "complete", "media_seconds": None},
        request={"video": {"id": "video_0"}},
    ),
    # Anthropic
    Case(
        "messages",
        "anthropic",
        "/v1/messages",
        js({"model": "claude-test-1", "content": [TRAP], "usage": ANTHROPIC_DELTA["usage"]}),
        ok(**ANTHROPIC, stream=False),
    ),
    Case(
        "messages stream",
        "anthropic",
        "/v1/messages",
        sse(ANTHROPIC_START, {"type": "ping"}, ANTHROPIC_TRAP, ANTHROPIC_TOOL, ANTHROPIC_DELTA, STOP, named=True),
        ok(**ANTHROPIC, stream=True),
        SSE,
    ),
    Case(
        "messages stream that breaks off keeps what was counted",
        "anthropic",
        "/v1/messages",
        sse(ANTHROPIC_START, ANTHROPIC_TRAP, named=True),
        {"usage_status": "partial", "outcome": "upstream_incomplete", "input_tokens": 1110, "output_tokens": 1},
        SSE,
    ),
    Case(
        "messages stream with an error event",
        "anthropic",
        "/v1/messages",
        sse(ANTHROPIC_START, {"type": "error", "error": {"type": "overloaded_error"}}, named=True),
        {"usage_status": "partial", "outcome": "upstream_error", "input_tokens": 1110},
        SSE,
    ),
    Case(
        "messages with compaction, repeated by a delta",
        "anthropic",
        "/v1/messages",
        sse(
            ANTHROPIC_START,
            {
                "type": "message_delta",
                "usage": {"output_tokens": 7, "iterations": [{"type": "message", "input_tokens": 1}]},
            },
            {
                "type": "message_delta",
                "usage": {
                    "output_tokens": 42,
                    "output_tokens_details": {"thinking_tokens": 30},
                    "iterations": [
                        {
                            "type": "compaction",
                            "input_tokens": 180,
                            "cache_creation_input_tokens": 3,
                            "cache_read_input_tokens": 20,
                            "output_tokens": 5,
                        },
                        {"type": "advisor_message", "input_tokens": 900, "output_tokens": 900},
                    ],
                },
            },
            STOP,
            named=True,
        ),
        ok(
            input_tokens=1110 + 203,
            cache_read_tokens=1020,
            cache_write_tokens=103,
            output_tokens=47,
            reasoning_tokens=30,
        ),
        SSE,
    ),
    Case(
        "claude on vertex, stream verb but no stream",
        "vertex",
        "/v1/projects/p/locations/l/publishers/anthropic/models/claude-x@20250101:streamRawPredict",
        js({"model": "claude-test-1", "usage": ANTHROPIC_DELTA["usage"]}),
        ok(**{**ANTHROPIC, "provider": "vertex"}, stream=False),
    ),
    Case(
        "claude on vertex without model in the answer",
        "vertex",
        "/v1/projects/p/locations/l/publishers/anthropic/models/claude-x@20250101:rawPredict",
        js({"usage": {"input_tokens": 1, "output_tokens": 2}}),
        ok(model="claude-x@20250101", input_tokens=1, cache_read_tokens=None),
    ),
    Case(
        "mistral on vertex",
        "vertex",
        "/v1/projects/p/locations/l/publishers/mistralai/models/mistral-x:streamRawPredict",
        sse({**BASE, "model": "mistral-test-1", "choices": [], "usage": MISTRAL_USAGE}, "[DONE]"),
        ok(input_tokens=9, stream=True),
        SSE,
    ),
    # Gemini
    Case("gemini", "google", GENERATE, js(GEMINI_LAST, 2), ok(**GEMINI, provider="google", stream=False)),
    Case(
        "gemini stream",
        "google",
        STREAM,
        sse(GEMINI_FIRST, GEMINI_LAST, GEMINI_SILENT),
        ok(**GEMINI, stream=True),
        SSE,
    ),
    Case(
        "gemini array",
        "vertex",
        "/v1/projects/p/locations/l/publishers/google/models/gemini-x:streamGenerateContent",
        js([GEMINI_FIRST, GEMINI_LAST], 2),
        ok(**GEMINI, stream=True, provider="vertex"),
        "application/json; charset=UTF-8",
    ),
    Case(
        "gemini array with an error element",
        "google",
        STREAM,
        js([GEMINI_FIRST, {"error": {"code": 503, "message": "secret"}}], 2),
        {"usage_status": "partial", "outcome": "upstream_error", "input_tokens": 40},
    ),
    Case(
        "gemini array that breaks off",
        "google",
        STREAM,
        js([GEMINI_FIRST, GEMINI_LAST], 2)[:-30],
        {"usage_status": "partial", "outcome": "upstream_incomplete", "input_tokens": 40, "stream": True},
        is_whole=False,
    ),
    Case(
        "gemini with the thoughts inside",
        "google",
        GENERATE,
        gemini_body(promptTokenCount=10, candidatesTokenCount=50, thoughtsTokenCount=30, totalTokenCount=60),
        ok(input_tokens=10, output_tokens=50, reasoning_tokens=30),
    ),
    Case(
        "gemini all thoughts: zero counters are left out",
        "google",
        GENERATE,
        gemini_body(promptTokenCount=10, thoughtsTokenCount=30, totalTokenCount=40),
        ok(input_tokens=10, output_tokens=30),
    ),
    Case(
        "gemini blocked prompt",
        "google",
        STREAM,
        sse(
            {
                "promptFeedback": {"blockReason": "SAFETY"},
                "usageMetadata": {"promptTokenCount": 10, "totalTokenCount": 10},
            }
        ),
        ok(input_tokens=10, output_tokens=0, model="gemini-x"),
        SSE,
    ),
    Case(
        "gemini usage that is none",
        "google",
        GENERATE,
        gemini_body(trafficType="ON_DEMAND"),
        {"usage_status": "missing", "outcome": "complete", **NOTHING},
    ),
    Case(
        "gemini that draws",
        "google",
        GENERATE,
        gemini_body(
            promptTokenCount=10,
            candidatesTokenCount=1290,
            totalTokenCount=1300,
            candidatesTokensDetails=[{"modality": "IMAGE", "tokenCount": 1290}],
        ),
        ok(output_type="image", operation="chat", output_tokens=1290),
    ),
    Case(
        "tuned model: the customer's own word",
        "google",
        "/v1beta/tunedModels/secret-model:generateContent",
        js({"candidates": [], "usageMetadata": {"promptTokenCount": 1}}),
        ok(model=None),
    ),
    Case(
        "gemini embeddings",
        "google",
        "/v1/models/embed-x:batchEmbedContents",
        js({"embeddings": [{"values": [0.1]}], "usageMetadata": {"promptTokenCount": 6, "totalTokenCount": 6}}),
        ok(operation="embeddings", input_tokens=6, output_tokens=0, model="embed-x"),
    ),
    Case(
        "gemini embeddings with a total alone",
        "google",
        "/v1/models/embed-x:embedContent",
        js({"embedding": {"values": [0.1]}, "usageMetadata": {"totalTokenCount": 6}}),
        ok(operation="embeddings", input_tokens=6, output_tokens=0),
    ),
    Case(
        "vertex predict: embeddings",
        "vertex",
        "/v1/projects/p/locations/l/publishers/google/models/embed-x:predict",
        js(
            {
                "predictions": [
                    {"embeddings": {"values": [0.1], "statistics": {"token_count": 4.0, "truncated": False}}},
                    {"embeddings": {"values": [0.1], "statistics": {"token_count": 3}}},
                ],
                "metadata": {"billableCharacterCount": 30},
            }
        ),
        ok(operation="embeddings", output_type="embedding", input_tokens=7, output_tokens=0, model="embed-x"),
    ),
    Case(
        "vertex predict: images",
        "vertex",
        "/v1/projects/p/locations/l/publishers/google/models/imagen-x:predict",
        js({"predictions": [{"bytesBase64Encoded": "A" * 300_000}, {"raiFilteredReason": "secret"}]}),
        {
            "usage_status": "not_applicable",
            "outcome": "complete",
            "operation": "image",
            "output_type": "image",
            "image_count": 1,
            "model": "imagen-x",
            **NOTHING,
        },
    ),
    Case(
        "vertex video",
        "vertex",
        "/v1/projects/p/locations/l/publishers/google/models/veo-x:predictLongRunning",
        js({"name": "projects/p/operations/secret"}),
        {"usage_status": "not_applicable", "outcome": "complete", "operation": "video", "model": "veo-x"},
    ),
    # Interactions
    Case(
        "interaction, thoughts outside",
        "google",
        "/v1beta/interactions",
        js(INTERACTION),
        ok(input_tokens=13, output_tokens=25, cache_read_tokens=4, reasoning_tokens=20, total_tokens_reported=38),
    ),
    Case(
        "interaction, thoughts inside",
        "google",
        "/v1beta/interactions/int_1",
        js({**INTERACTION, "usage": {**INTERACTION["usage"], "total_output_tokens": 25}}),
        ok(input_tokens=13, output_tokens=25),
        method="GET",
    ),
    Case(
        "interaction that was cancelled",
        "google",
        "/v1beta/interactions/int_1",
        js({"id": "int_1", "status": "cancelled"}),
        {"usage_status": "not_applicable", "outcome": "upstream_error", **NOTHING},
        method="GET",
    ),
    Case(
        "interaction stream",
        "google",
        "/v1beta/interactions",
        sse(
            {"event_type": "interaction.created", "interaction": {"id": "int_1", "status": "in_progress"}},
            {"event_type": "interaction.completed", "interaction": INTERACTION},
        ),
        ok(input_tokens=13, output_tokens=25, model="gemini-test-1", stream=True),
        SSE,
    ),
    Case(
        "interaction stream with an error",
        "google",
        "/v1beta/interactions",
        sse({"event_type": "error", "error": {"message": "secret"}}),
        {"usage_status": "partial", "outcome": "upstream_error"},
        SSE,
    ),
    # Mistral conversations, OCR and the like
    Case(
        "conversation",
        "mistral",
        "/v1/conversations/conv_1",
        js({"conversation_id": "conv_1", "outputs": [TRAP], "usage": {**MISTRAL_USAGE, "connector_tokens": 100}}),
        ok(input_tokens=9, output_tokens=4, total_tokens_reported=13, model="mistral-x"),
        request={"inputs": "secret", "model": "mistral-x"},
    ),
    Case(
        "conversation stream",
        "mistral",
        "/v1/conversations",
        sse(
            {"type": "conversation.response.started", "conversation_id": "conv_1"},
            {"type": "message.output.delta", "content": "x"},
            {"type": "conversation.response.done", "usage": MISTRAL_USAGE},
            named=True,
        ),
        ok(input_tokens=9, output_tokens=4, stream=True),
        SSE,
    ),
    Case(
        "ocr",
        "mistral",
        "/v1/ocr",
        js({"pages": [], "model": "ocr-x", "usage_info": {"pages_processed": 3, "doc_size_bytes": 1000}}),
        {"usage_status": "not_applicable", "outcome": "complete", "operation": "ocr", "model": "ocr-x", **NOTHING},
    ),
    Case(
        "moderation",
        "mistral",
        "/v1/chat/moderations",
        js({"model": "mod-x", "results": [], "usage": MISTRAL_USAGE}),
        {"usage_status": "not_applicable", "outcome": "complete", "operation": "other", "output_type": "other"},
    ),
    # Framing
    Case(
        "events whose content type says otherwise",
        "openai",
        CHAT_PATH,
        sse(DELTA, LAST, "[DONE]"),
        ok(**CHAT, stream=True),
        "application/octet-stream",
    ),
    Case(
        "byte-order mark, comments, ids, no blank line at the end",
        "openai",
        CHAT_PATH,
        b"\xef\xbb\xbf: hello\n\nid: 7\nretry: 10\ndata:"
        + js(DELTA)
        + b"\n\n: ping\n\ndata:"
        + js(LAST)
        + b"\n\ndata: [DONE]",
        ok(**CHAT, stream=True),
        SSE,
    ),
    Case(
        "an event over several data lines, and data that are not JSON",
        "openai",
        CHAT_PATH,
        b"data: nonsense\n\n"
        + b"".join(b"data: " + line + b"\n" for line in js(LAST, 2).split(b"\n"))
        + b"\ndata: [DONE]\n\n",
        ok(**CHAT),
        SSE,
    ),
    Case(
        "usage key written with an escape",
        "openai",
        CHAT_PATH,
        sse(DELTA)
        + b'data: {"model":"gpt-test-1","choices":[],"us\\u0061ge":'
        + js(USAGE_CHAT)
        + b"}\n\ndata: [DONE]\n\n",
        ok(**CHAT),
        SSE,
    ),
    Case(
        "a large document is pruned, not guessed",
        "openai",
        CHAT_PATH,
        js({"choices": [{"message": {"content": "x" * 500_000, "usage": TRAP}}], "usage": USAGE_CHAT, **BASE}),
        ok(**CHAT, model="gpt-test-1"),
    ),
]
