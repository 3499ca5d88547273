"""AWS: instances and volumes by boto3."""

from __future__ import annotations

import time
from functools import cached_property
from typing import Any

import boto3
import durable_async as da
from botocore.exceptions import ClientError

from provision.providers.base import Provider, Quota

FAMILIES = {"small": "t3.small", "medium": "m6i.large", "large": "m6i.4xlarge"}


@da.activity(retry=da.RetryPolicy(max_attempts=6, retry_on=(ClientError,)))
def run_instance(region: str, name: str, size: str, tags: dict[str, str]) -> str:
    ec2 = boto3.client("ec2", region_name=region)
    answer = ec2.run_instances(
        ImageId="ami-0abcdef",
        InstanceType=FAMILIES[size],
        MinCount=1,
        MaxCount=1,
        TagSpecifications=[
            {"ResourceType": "instance", "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}
        ],
    )
    instance_id = answer["Instances"][0]["InstanceId"]
    while ec2.describe_instances(InstanceIds=[instance_id])["Reservations"] == []:
        time.sleep(1)
    return instance_id


@da.activity
def terminate_instance(region: str, instance_id: str) -> None:
    boto3.client("ec2", region_name=region).terminate_instances(InstanceIds=[instance_id])


class AwsProvider(Provider):
    cloud = "aws"

    @cached_property
    def account(self) -> str:
        sts = boto3.client("sts")  # expect: DUR121
        return sts.get_caller_identity()["Account"]  # expect: DUR121

    def quota(self) -> Quota:
        used = Quota(cpus=8, volumes_gb=100)
        return self.default_quota - used

    def tags(self, stack: str) -> dict[str, str]:
        return super().tags(stack) | {"account": self.account}

    async def create(self, stack: str, size: str, index: int) -> str:
        name = self.resource_name(stack, "vm", index)
        return await run_instance(self.region, name, size, self.tags(stack))

    async def destroy(self, resource_id: str) -> None:
        await terminate_instance(self.region, resource_id)

    def console_link(self, session: Any) -> str:
        credentials = session.client("sts").get_session_token()["Credentials"]
        return f"https://console.aws/?token={credentials['SessionToken']}&t={time.time_ns()}"
