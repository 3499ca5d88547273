"""Only for notebooks."""
import time

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from .members import jitter


def quicklook(path):
    started = time.time()
    frame = pd.read_csv(path)
    plt.scatter(frame["x"], jitter(frame["y"].to_numpy()))
    plt.savefig(path + ".png")
    print("took", time.time() - started, np.random.get_state()[0])
