"""Checks of an applicant; a case runs those that its country asks for."""

from onboarding.checks.base import Check, Finding, Severity, worst
from onboarding.checks.documents import DocumentCheck
from onboarding.checks.sanctions import SanctionsCheck
from onboarding.checks.selfie import SelfieCheck

CHECKS = {"documents": DocumentCheck, "sanctions": SanctionsCheck, "selfie": SelfieCheck}

__all__ = ["CHECKS", "Check", "DocumentCheck", "Finding", "SanctionsCheck", "SelfieCheck", "Severity", "worst"]
