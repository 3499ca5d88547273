from forecasting.flows.nightly import forecast_sku, nightly
from forecasting.flows.tuning import tune, tune_all

__all__ = ["forecast_sku", "nightly", "tune", "tune_all"]
