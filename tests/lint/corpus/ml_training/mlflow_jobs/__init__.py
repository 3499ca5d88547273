from mlflow_jobs.pipeline import nightly_training, sweep
from mlflow_jobs.steps import fit, score

__all__ = ["fit", "nightly_training", "score", "sweep"]
