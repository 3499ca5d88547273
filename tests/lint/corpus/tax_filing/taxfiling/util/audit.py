import getpass
import logging
import os

log = logging.getLogger("taxfiling.audit")
HOST = os.uname().nodename


def trail(event, value):
    who = getpass.getuser()  # expect: DUR125
    log.info("%s %s by %s@%s", event, value, who, HOST)
    print(event, value)  # expect: DUR143
