"""Chaining, as examples/hello_sequence.py does it."""

from hello_sequence import greet, hello_sequence, translate

from durable_async import testing

FUNCTIONS = [hello_sequence, greet, translate]


async def test_each_activity_is_given_what_the_one_before_returned() -> None:
    async with testing.environment(FUNCTIONS) as env:
        handle = await env.client.start(hello_sequence("Ada", ["fr", "ja"]))
        assert await handle.result() == ["Hello Ada!", "Bonjour Ada!", "Konnichiwa Ada!"]


async def test_no_languages_make_a_greeting_alone() -> None:
    async with testing.environment(FUNCTIONS) as env:
        handle = await env.client.start(hello_sequence("Ada", []))
        assert await handle.result() == ["Hello Ada!"]


async def test_a_crash_after_the_first_translation_does_not_repeat_it() -> None:
    translated: list[str] = []
    async with testing.environment(FUNCTIONS) as env:

        async def translate_and_crash(text: str, language: str) -> str:
            translated.append(language)
            if translated == ["fr", "ja"]:
                await env.crash()
            return f"{text} in {language}"

        env.replace(translate, translate_and_crash)
        handle = await env.client.start(hello_sequence("Ada", ["fr", "ja"]))
        assert await handle.result() == ["Hello Ada!", "Hello Ada! in fr", "Hello Ada! in ja"]
    assert translated == ["fr", "ja", "ja"]


async def test_as_plain_asyncio_it_is_plain_asyncio() -> None:
    greeting = await greet("Ada")
    assert await translate(greeting, "pt") == "Olá Ada!"
