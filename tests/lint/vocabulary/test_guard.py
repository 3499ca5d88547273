"""What the running guard refuses, the checker knows: the two are compared as data."""

import pytest

from durable_async.worker.vocabulary import AUDITED, CALLS
from durable_lint.vocabulary import Vocabulary

# Where the guard names an event of the interpreter or a function behind the public one.
PUBLIC = {
    "random._inst.random": "random.random",
    "random._inst.getrandbits": "random.getrandbits",
    "_uuid.generate_time_safe": "uuid.uuid1",
    "_thread.start_new_thread": "_thread.start_new_thread",
    "open": "builtins.open",
    "socket.__new__": "socket.socket",
    "socket.connect": "socket.socket.connect",
    "socket.bind": "socket.socket.bind",
    "socket.sendto": "socket.socket.sendto",
    "socket.sendmsg": "socket.socket.sendmsg",
    "urllib.Request": "urllib.request.urlopen",
    "http.client.connect": "http.client.HTTPConnection.connect",
    "ftplib.connect": "ftplib.FTP.connect",
    "imaplib.open": "imaplib.IMAP4.open",
    "poplib.connect": "poplib.POP3",
    "smtplib.connect": "smtplib.SMTP.connect",
    "os.exec": "os.execv",
    "os.spawn": "os.spawnv",
}


@pytest.mark.parametrize("event", [*AUDITED, *(name.replace(":", ".") for name in CALLS)])
def test_what_the_guard_refuses_is_reported(event):
    name = PUBLIC.get(event, event)
    assert Vocabulary.standard().name(name) is not None
