import random
import textwrap

import ollama

from .base import Bot

GREETINGS = ("Hello!", "Hi there!", "Good day!")


class SmallTalkBot(Bot):
    def __init__(self, context):
        super().__init__(context)
        self.greeting = random.choice(GREETINGS)  # expect: DUR111
        self.shuffled = random.Random(context.ticket.id).sample(GREETINGS, 3)

    async def reply(self) -> str:
        client = ollama.AsyncClient(host="http://llm:11434")
        answer = await client.chat(  # expect: DUR121
            model="llama3",
            messages=[{"role": "user", "content": self.context.ticket.body}],
        )
        return textwrap.shorten(f"{self.greeting} {answer['message']['content']}", 400)
