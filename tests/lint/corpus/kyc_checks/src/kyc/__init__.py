from kyc.flow import onboard, re_verify
from kyc.models import Application, Verdict

__all__ = ["Application", "Verdict", "onboard", "re_verify"]
