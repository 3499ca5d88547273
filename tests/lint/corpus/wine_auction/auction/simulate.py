import random
import threading
import time

from .lots import Bid, Lot
from .rules import evening_minimum


def run(lots=10):
    lock = threading.Lock()
    for number in range(lots):
        lot = Lot(f"lot {number}", 1_000)
        with lock:
            lot += Bid(random.choice("abc"), evening_minimum(1_000))
        time.sleep(0.01)
        print(lot.best(), lot.paddle())


if __name__ == "__main__":
    run()
