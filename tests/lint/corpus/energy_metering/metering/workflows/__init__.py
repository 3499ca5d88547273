from .billing import BillingWorkflow
from .collect import CollectWorkflow, MeterWorkflow

ALL = [BillingWorkflow, CollectWorkflow, MeterWorkflow]
