# %% exported from the scheduling notebook
import random
import statistics
import time
from pathlib import Path

import matplotlib.pyplot as plt
from lims.protocols import concentration, simulate

random.seed()
started = time.time()
samples = [simulate("elisa") for _ in range(100)]
print("mean", statistics.mean(samples), "after", time.time() - started)

# %%
figure, axes = plt.subplots()
axes.hist(samples)
figure.savefig(Path.home() / "scheduling.png")


# %%
def noise(n: int) -> list[float]:
    open = [random.random() for _ in range(n)]
    return [concentration(open[:k]) for k in range(n)]


print(noise(5))
