import durable_async as da


class Bank:
    def __init__(self, url: str) -> None:
        self.url = url

    @da.activity
    async def pay(self, iban: str, cents: int) -> str:
        import httpx

        async with httpx.AsyncClient() as client:
            return (await client.post(self.url, json={"iban": iban, "cents": cents})).text


pay = Bank.pay
