"""The official SDKs, unmodified but for their base URL: every call works and yields exactly one right record."""

import asyncio
import io

import anthropic
import openai
import pytest
from google import genai
from mistralai.client import Mistral

HELLO = [{"role": "user", "content": "hello"}]
CHAT = {
    "operation": "chat",
    "output_type": "text",
    "model": "gpt-test-1",
    "usage_status": "reported",
    "input_tokens": 31,
    "output_tokens": 12,
    "cache_read_tokens": 16,
    "cache_write_tokens": 0,
    "reasoning_tokens": 5,
    "total_tokens_reported": 43,
    "outcome": "complete",
    "http_status": 200,
    "team": "research",
}
MESSAGES = {
    "provider": "anthropic",
    "operation": "chat",
    "model": "claude-test-1",
    "usage_status": "reported",
    "cache_write_tokens": 100,
    "output_tokens": 42,
    "total_tokens_reported": None,
    "outcome": "complete",
}
GEMINI = {
    "provider": "google",
    "operation": "chat",
    "model": "gemini-test-1",
    "usage_status": "reported",
    "input_tokens": 47,
    "output_tokens": 196,
    "cache_read_tokens": 32,
    "reasoning_tokens": 190,
    "total_tokens_reported": 243,
    "outcome": "complete",
}
MISTRAL = {
    "provider": "mistral",
    "operation": "chat",
    "model": "mistral-test-1",
    "usage_status": "reported",
    "input_tokens": 9,
    "output_tokens": 4,
    "total_tokens_reported": 13,
}


def holds(record: dict, **wanted) -> None:
    assert {key: record[key] for key in wanted} == wanted


def test_health_is_ok(proxy):
    assert proxy.health() == {"status": "ok", "reasons": []}


@pytest.fixture(params=["openai", "azure"])
def client(request, proxy):
    if request.param == "openai":
        with openai.OpenAI(base_url=f"{proxy.url}/openai/v1", api_key="sk-test", max_retries=0) as made:
            yield made, "openai"
        return
    with openai.AzureOpenAI(
        azure_endpoint=f"{proxy.url}/azure/sales", api_key="key", api_version="2025-01-01-preview", max_retries=0
    ) as made:
        yield made, "azure_openai"


def test_openai_chat(proxy, client):
    sdk, provider = client
    answer = sdk.chat.completions.create(model="deployment-x", messages=HELLO)
    assert answer.choices[0].message.content == "Hello"
    holds(proxy.record(), **CHAT, provider=provider, stream=False)


def test_openai_chat_stream_with_usage(proxy, client):
    sdk, provider = client
    events = list(
        sdk.chat.completions.create(
            model="deployment-x", messages=HELLO, stream=True, stream_options={"include_usage": True}
        )
    )
    assert events[-1].usage.total_tokens == 43
    holds(proxy.record(), **CHAT, provider=provider, stream=True)


def test_openai_chat_stream_without_usage_is_missing_not_zero(proxy, client):
    sdk, provider = client
    list(sdk.chat.completions.create(model="deployment-x", messages=HELLO, stream=True))
    holds(
        proxy.record(),
        provider=provider,
        usage_status="missing",
        outcome="complete",
        stream=True,
        model="gpt-test-1",
        input_tokens=None,
        output_tokens=None,
    )


def test_openai_responses(proxy, client):
    sdk, provider = client
    assert sdk.responses.create(model="deployment-x", input="hello").usage.total_tokens == 43
    holds(proxy.record(), **CHAT, provider=provider, stream=False)
    events = list(sdk.responses.create(model="deployment-x", input="hello", stream=True))
    assert events[-1].type == "response.completed"
    holds(proxy.record(), **CHAT, provider=provider, stream=True)


def test_openai_embeddings(proxy, client):
    sdk, provider = client
    sdk.embeddings.create(model="deployment-x", input="hello", encoding_format="float")
    holds(
        proxy.record(),
        provider=provider,
        operation="embeddings",
        output_type="embedding",
        model="embed-test-1",
        input_tokens=8,
        output_tokens=0,
        total_tokens_reported=8,
        cache_read_tokens=None,
    )


def test_openai_images(proxy, client):
    sdk, provider = client
    sdk.images.generate(model="gpt-image-test", prompt="a canary", n=2)
    holds(
        proxy.record(),
        provider=provider,
        operation="image",
        output_type="image",
        # The answer names no model, and Azure's request only the customer's own word.
        model="gpt-image-test" if provider == "openai" else None,
        image_count=2,
        image_size="1024x1536",
        image_quality="high",
        usage_status="reported",
        input_tokens=50,
        output_tokens=6208,
    )


def test_openai_image_edit_as_a_form(proxy):
    with openai.OpenAI(base_url=f"{proxy.url}/openai/v1", api_key="sk-test", max_retries=0) as sdk:
        picture = io.BytesIO(b"\x89PNG" + b"x" * 200_000)
        picture.name = "canary.png"
        sdk.images.edit(model="dall-e-test", image=picture, prompt="hello", size="1024x1024", quality="hd")
    holds(
        proxy.record(),
        operation="image",
        model="dall-e-test",
        image_count=1,
        image_size="1024x1024",
        image_quality="hd",
        usage_status="not_applicable",
        input_tokens=None,
    )


def test_anthropic_messages(proxy):
    with anthropic.Anthropic(base_url=f"{proxy.url}/anthropic", api_key="key", max_retries=0) as sdk:
        sdk.messages.create(model="claude-x", max_tokens=10, messages=HELLO)
        holds(proxy.record(), **MESSAGES, input_tokens=1110, cache_read_tokens=1000, stream=False)
        with sdk.messages.stream(model="claude-x", max_tokens=10, messages=HELLO) as events:
            assert "usage" in events.get_final_text()
        holds(proxy.record(), **MESSAGES, input_tokens=2155, cache_read_tokens=2000, stream=True)
        # Counting generates nothing: no record.
        assert sdk.messages.count_tokens(model="claude-x", messages=HELLO).input_tokens == 12
        sdk.messages.create(model="claude-x", max_tokens=10, messages=HELLO)
        holds(proxy.record(), **MESSAGES, input_tokens=1110)


def test_google_genai(proxy):
    with genai.Client(api_key="key", http_options={"base_url": f"{proxy.url}/google"}) as sdk:
        assert sdk.models.generate_content(model="gemini-x", contents="hello").text == "."
        holds(proxy.record(), **GEMINI, stream=False)
        assert len(list(sdk.models.generate_content_stream(model="gemini-x", contents="hello"))) == 2
        holds(proxy.record(), **GEMINI, stream=True)
        sdk.models.embed_content(model="gemini-embed-x", contents=["a", "b"])
        holds(
            proxy.record(),
            operation="embeddings",
            model="gemini-embed-x",
            usage_status="missing",
            input_tokens=None,
            output_tokens=None,
        )


def test_mistral(proxy):
    with Mistral(api_key="key", server_url=f"{proxy.url}/mistral") as sdk:
        assert sdk.chat.complete(model="mistral-x", messages=HELLO).usage.total_tokens == 13
        holds(proxy.record(), **MISTRAL, stream=False)
        with sdk.chat.stream(model="mistral-x", messages=HELLO) as events:
            assert len(list(events)) == 2
        holds(proxy.record(), **MISTRAL, stream=True, outcome="complete")
        sdk.embeddings.create(model="mistral-embed-x", inputs=["a"])
        holds(proxy.record(), operation="embeddings", input_tokens=8, output_tokens=0, model="embed-test-1")


def test_the_provider_receives_what_the_sdk_would_send_directly(proxy, provider):
    def ask(base_url: str) -> None:
        with openai.OpenAI(base_url=f"{base_url}/v1", api_key="sk-test", max_retries=0) as sdk:
            sdk.chat.completions.create(model="gpt-x", messages=HELLO)

    ask(f"{proxy.url}/openai")
    ask(provider.url)
    through, direct = provider.seen
    assert (through.line, sorted(through.headers), through.body) == (direct.line, sorted(direct.headers), direct.body)


def test_the_asynchronous_clients_work_too(proxy):
    asyncio.run(ask_asynchronously(proxy))


async def ask_asynchronously(proxy) -> None:
    async with openai.AsyncOpenAI(base_url=f"{proxy.url}/openai/v1", api_key="sk-test", max_retries=0) as sdk:
        stream = await sdk.chat.completions.create(
            model="gpt-x", messages=HELLO, stream=True, stream_options={"include_usage": True}
        )
        assert len([event async for event in stream]) == 3
    holds(proxy.record(), **CHAT, stream=True)
    async with anthropic.AsyncAnthropic(base_url=f"{proxy.url}/anthropic", api_key="key", max_retries=0) as sdk:
        await sdk.messages.create(model="claude-x", max_tokens=10, messages=HELLO)
    holds(proxy.record(), **MESSAGES)
