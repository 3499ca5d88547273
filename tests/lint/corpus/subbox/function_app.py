import logging

import azure.durable_functions as df
import azure.functions as func

from functions import billing, box
from functions.starter import starter

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)
app.register_functions(box.bp)
app.register_functions(billing.bp)
app.register_functions(starter)

logging.getLogger("azure").setLevel(logging.WARNING)
