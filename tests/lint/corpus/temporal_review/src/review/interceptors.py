"""Timing of activities, and a log line at the two ends of a workflow."""

import os
import time
from typing import Any

from temporalio import activity, workflow
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    ExecuteWorkflowInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)


class _TimedActivity(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        started = time.perf_counter()
        try:
            return await super().execute_activity(input)
        finally:
            activity.logger.info("%s took %.3fs on %s", activity.info().activity_type, time.perf_counter() - started, os.getpid())


class _LoggedWorkflow(WorkflowInboundInterceptor):
    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        began = workflow.now()
        try:
            return await super().execute_workflow(input)
        finally:
            workflow.logger.info("%s lasted %s", workflow.info().workflow_type, workflow.now() - began)


class TimingInterceptor(Interceptor):
    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _TimedActivity(super().intercept_activity(next))

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor] | None:
        return _LoggedWorkflow
