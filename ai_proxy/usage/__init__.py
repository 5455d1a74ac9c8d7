"""What each API says about its usage: one module a family, one ``Shape`` a form."""

from ai_proxy.usage import anthropic, audio, chat, gemini, images, interactions, mistral, nothing, predict, responses

SHAPES = {
    "chat": chat.CHAT,
    "google_chat": chat.GOOGLE_CHAT,
    "embeddings": chat.EMBEDDINGS,
    "mistral_embeddings": chat.MISTRAL_EMBEDDINGS,
    "responses": responses.RESPONSES,
    "decisions": responses.RESPONSES,
    "images": images.IMAGES,
    "transcription": audio.TRANSCRIPTION,
    "speech": audio.SPEECH,
    "video": images.VIDEO,
    "video_extension": images.VIDEO,
    "anthropic": anthropic.ANTHROPIC,
    "gemini": gemini.GEMINI,
    "gemini_embeddings": gemini.EMBEDDINGS,
    "predict": predict.PREDICT,
    "interactions": interactions.INTERACTIONS,
    "conversations": mistral.CONVERSATIONS,
    "none": nothing.NOTHING,
}
