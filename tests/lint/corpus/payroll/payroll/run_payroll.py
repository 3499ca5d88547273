import asyncio
import datetime
import os

import durable_async as da

from . import tax, utils
from .activities import load_employees, load_time_sheet, pay, send_mail, store_slip

DRY_RUN = os.environ.get("DRY_RUN") == "1"
errors = []


class PayrollError(Exception):
    def __init__(self, employee, message):
        super().__init__(f"{employee}: {message}")
        self.employee = employee
        self.at = utils.timestamp()


@utils.timed
def compute_slip(employee, sheet, days):
    gross = int(employee["gross"])
    if sheet["worked"] + sheet["sick"] < days:
        gross = gross * (sheet["worked"] + sheet["sick"]) // days
    gross += sheet["overtime"] * 3000
    if gross < 0:
        raise PayrollError(employee["no"], "negative gross")
    t = tax.wage_tax(gross, tax.TaxClass(int(employee["tax_class"])))
    s = tax.social(gross)
    return {"gross": gross, "tax": t, "social": tax.total(s), "net": gross - t - tax.total(s)}


def check_iban(iban):
    iban = iban.replace(" ", "").upper()
    moved = iban[4:] + iban[:4]
    digits = "".join(str(int(c, 36)) for c in moved)
    return int(digits) % 97 == 1


def remember_error(err):
    errors.append(str(err))  # expect: DUR141


@da.orchestrator
async def run_payroll(company: str, year: int, month: int, approver: str) -> dict[str, int]:
    paid_total = 0
    print("starting payroll for", company)  # expect: DUR143
    employees = await load_employees(company)
    if not employees:
        return {}
    days = utils.working_days(year, month)

    # ask for approval first; remind every day
    password = utils.random_password()
    await send_mail(approver, "Payroll", f"Please approve {company} {year}-{month:02d}, code {password}")
    approved = False
    for reminder in range(5):
        try:
            approved = await asyncio.wait_for(da.wait_for_event("approve", bool), 86400)
            break
        except asyncio.TimeoutError:
            await send_mail(approver, f"Payroll, reminder {reminder + 1}", "We are waiting for you.")
    if not approved:
        return {}

    # time sheets, 20 at a time
    sheets = {}
    for chunk in utils.chunks(employees, 20):
        results = await asyncio.gather(*[load_time_sheet(e["no"], year, month) for e in chunk])
        for e, r in zip(chunk, results):
            sheets[e["no"]] = r

    # compute
    slips = {}
    for e in employees:
        if not check_iban(e["iban"]):
            remember_error(f"bad iban of {e['no']}")
            continue
        try:
            slips[e["no"]] = compute_slip(e, sheets[e["no"]], days)
        except PayrollError as err:
            remember_error(err)

    # wait for pay day
    day = utils.pay_day(year, month)
    if utils.today() < day:
        await da.sleep_until(datetime.datetime.combine(day, datetime.time(6), tzinfo=datetime.timezone.utc))

    # pay
    by_no = {e["no"]: e for e in employees}
    for no in by_no.keys() & slips.keys():  # expect: DUR134
        slip = utils.deep_copy(slips[no])
        if DRY_RUN:
            continue
        reference = await pay(by_no[no]["iban"], slip["net"], f"wages {month}/{year}")
        slip["reference"] = utils.fingerprint(reference)
        paid_total += slip["net"]
        store_slip(no, slip)  # expect: DUR133

    mails = utils.unique([e["mail"] for e in employees if e["no"] in slips])
    await asyncio.gather(*[send_mail(m, "Your slip", f"Paid on {day}. Holidays: {utils.holiday_names()}") for m in mails])

    if errors:  # expect: DUR141
        utils.dump(errors, f"errors {company}")  # expect: DUR141
        await send_mail(approver, "Problems", "\n".join(errors))  # expect: DUR141
    return {"total": paid_total, **{no: s["net"] for no, s in slips.items()}}


@da.orchestrator
async def yearly(company: str, year, approver: str):  # expect: DUR152
    for month in range(1, 13):
        await run_payroll(company, year, month, approver)
    names = utils.unique_in_order([e["name"] for e in await load_employees(company)])
    await send_mail(approver, f"Year {year} is done", utils.timestamp(at=da.now().timestamp()) + " " + ", ".join(names))
