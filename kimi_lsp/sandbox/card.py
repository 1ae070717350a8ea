"""The model card's data, and what an answer costs by its rates. Nothing here depends on a request's shape."""

from typing import Any

MODEL = "kimi-k2-7-code"
CONTEXT_TOKENS = 262_144
"""Prompt and `max_tokens` together; the card says 256K, the maker's error message names this figure."""
DEFAULT_MAX_TOKENS = 16_384
LARGEST_MAX_TOKENS = 131_072
LABEL = "kimi-lsp-sandbox"

_INPUT_RATE = 0.95
_OUTPUT_RATE = 4.00
_SEARCH_PRICE = 0.015


def cost_usd(prompt_tokens: int, completion_tokens: int, searches: int = 0) -> float:
    """Return the price in US dollars; completion tokens include the reasoning, as they are billed."""
    tokens = (prompt_tokens * _INPUT_RATE + completion_tokens * _OUTPUT_RATE) / 1_000_000
    return round(tokens + searches * _SEARCH_PRICE, 10)


def entry() -> dict[str, Any]:
    """Return the model's entry as `GET /v1/models/{id}` gives it."""
    return {
        "id": MODEL,
        "object": "model",
        "created": 0,
        "owned_by": LABEL,
        "type": "model",
        "created_at": "1970-01-01T00:00:00Z",
        "sandbox": True,
        "display_name": "Kimi K2.7 Code (sandbox)",
        "provider": "Moonshot AI",
        "category": "Text Generation",
        "description": "An offline stand-in that speaks the API of Kimi K2.7 Code; there is no model behind it.",
        "input_modalities": ["text", "image", "video"],
        "output_modalities": ["text"],
        "context_window": CONTEXT_TOKENS,
        "max_output_tokens": LARGEST_MAX_TOKENS,
        "endpoints": ["/v1/chat/completions", "/v1/responses", "/v1/messages"],
        "features": [
            "reasoning",
            "function_calling",
            "structured_output",
            "multimodal",
            "agentic_coding",
            "web_search",
        ],
        "capabilities": {
            "streaming": True,
            "system_prompt": True,
            "tool_calling": True,
            "vision": True,
            "audio_input": False,
            "video_input": True,
            "web_search": True,
            "thinking": True,
        },
        "supported_parameters": [
            {
                "name": "max_tokens",
                "type": "number",
                "required": False,
                "default": DEFAULT_MAX_TOKENS,
                "min": 1,
                "max": LARGEST_MAX_TOKENS,
            },
            {"name": "stop", "type": "string", "required": False, "max_items": 4},
            {"name": "response_format", "type": "object", "required": False},
            {"name": "tool_web_search", "type": "boolean", "required": False, "default": False},
        ],
        "default_params": {"max_tokens": DEFAULT_MAX_TOKENS, "tool_web_search": False},
        "pricing": [
            {"charge": "input", "unit": "1M prompt tokens", "currency": "USD", "rate": _INPUT_RATE},
            {"charge": "output", "unit": "1M generated tokens", "currency": "USD", "rate": _OUTPUT_RATE},
            {"charge": "web_search", "unit": "invoked call", "currency": "USD", "rate": _SEARCH_PRICE},
        ],
    }
