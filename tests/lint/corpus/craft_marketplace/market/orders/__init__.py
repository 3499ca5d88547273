default_app_config = "market.orders.apps.OrdersConfig"
