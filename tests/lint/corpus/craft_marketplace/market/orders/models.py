from django.db import models
from django.utils import timezone


class Order(models.Model):
    buyer = models.ForeignKey("accounts.User", on_delete=models.PROTECT)
    total = models.DecimalField(max_digits=10, decimal_places=2)
    state = models.CharField(max_length=20, default="new")
    placed_at = models.DateTimeField(default=timezone.now)

    def mark(self, state):
        self.state = state
        self.save(update_fields=["state"])

    class Meta:
        ordering = ["-placed_at"]
