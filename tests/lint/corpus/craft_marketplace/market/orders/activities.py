from asgiref.sync import sync_to_async
from durable_async import activity

from .models import Order


@activity
def reserve(order_id: int) -> list[str]:
    order = Order.objects.select_for_update().get(pk=order_id)
    order.mark("reserved")
    return [f"{order.pk}-box"]


@activity
async def capture(order_id: int, amount: str) -> str:
    await sync_to_async(Order.objects.get)(pk=order_id)
    return f"cap-{order_id}-{amount}"


@activity
async def release(order_id: int) -> None:
    await sync_to_async(reserve)(order_id)
