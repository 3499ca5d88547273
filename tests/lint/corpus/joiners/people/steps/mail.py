import smtplib
from email.message import EmailMessage

import durable_async as da

from people.render import letter


@da.activity
def send_mail(to: str, template: str, fields: dict[str, str]) -> None:
    message = EmailMessage()
    message["To"] = to
    message.set_content(letter(template, fields))
    with smtplib.SMTP("mail.example.org") as server:
        server.send_message(message)
