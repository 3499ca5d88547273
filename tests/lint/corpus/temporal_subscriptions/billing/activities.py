"""Everything that talks to the payment gateway and to the mail service."""

import os
import random
import time
from datetime import datetime

import httpx
import stripe
from temporalio import activity
from temporalio.exceptions import ApplicationError

from billing.models import Receipt


class BillingActivities:
    def __init__(self, http: httpx.AsyncClient, mail_url: str) -> None:
        self.http = http
        self.mail_url = mail_url

    @activity.defn
    async def charge(self, customer_id: str, cents: int, invoice: str) -> Receipt:
        started = time.perf_counter()
        try:
            intent = stripe.PaymentIntent.create(
                amount=cents,
                currency="eur",
                customer=customer_id,
                idempotency_key=invoice,
            )
        except stripe.CardError as error:
            raise ApplicationError(str(error), type="CardDeclined", non_retryable=True) from error
        activity.logger.info("charged in %.2fs", time.perf_counter() - started)
        return Receipt(amount=cents, gateway_ref=intent.id)

    @activity.defn
    async def send_mail(self, customer_id: str, template: str) -> None:
        key = os.environ["MAIL_API_KEY"]
        response = await self.http.post(
            f"{self.mail_url}/send",
            json={"to": customer_id, "template": template, "at": datetime.now().isoformat()},
            headers={"authorization": f"Bearer {key}"},
        )
        response.raise_for_status()

    @activity.defn
    def activate_addon(self, customer_id: str, addon: str) -> None:
        time.sleep(random.uniform(0.1, 0.4))
        with open("/var/log/billing/addons.log", "a") as log:
            log.write(f"{customer_id} {addon}\n")
