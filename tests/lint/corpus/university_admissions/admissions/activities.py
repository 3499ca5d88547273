import logging
import os
import random
import smtplib
import time
from email.message import EmailMessage

import azure.durable_functions as df
import pyodbc

bp = df.Blueprint()


def _db():
    return pyodbc.connect(os.environ["ADMISSIONS_DB"])


@bp.activity_trigger(input_name="application")
def check_documents(application: dict) -> list:
    with _db() as db:
        rows = db.execute("select kind from documents where applicant = ?", application["id"]).fetchall()
    return [r[0] for r in rows]


@bp.activity_trigger(input_name="message")
def send_mail(message: dict) -> str:
    mail = EmailMessage()
    mail["To"], mail["Subject"] = message["to"], message["subject"]
    mail.set_content(message["text"])
    for attempt in range(3):
        try:
            with smtplib.SMTP(os.environ["SMTP_HOST"]) as smtp:
                smtp.send_message(mail)
            break
        except smtplib.SMTPException:
            logging.warning("attempt %s failed", attempt)
            time.sleep(random.random() * 2**attempt)
    return message["to"]


@bp.activity_trigger(input_name="decision")
def store_decision(decision: dict) -> int:
    with _db() as db:
        db.execute("insert into decisions values (?, ?, ?)", decision["id"], decision["result"], time.time())
        db.commit()
    return 1


@bp.activity_trigger(input_name="programme")
def load_applicants(programme: str) -> list:
    with _db() as db:
        return [list(r) for r in db.execute("select id, country, grade from applicants where programme = ?", programme)]
