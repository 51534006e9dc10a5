"""Bulk and just in time: what the system of record sends."""

import time

from cases import case, expect

IS = "bulk"


def done(world, operation):
    for _ in range(600):
        told = world.get(f"/bulk/{operation}").is_(200).data
        if told["status"] in ("completed", "failed"):
            return told
        time.sleep(0.05)
    raise OSError("the operation does not end")


def item(world):
    return {
        "customer": {"name": "Jane Roe", "external_id": world.fresh("bc"), "address": {"line1": "1 Main St", "postal_code": "10001-1234"},
                     "metadata": {"key": "value"}},
        "location": {"name": world.fresh("Bank"), "external_id": world.fresh("bl")},
        "parent_debt_accounts": [],
        "debt_accounts": [{"external_id": world.fresh("bd"), "balance": 10_000, "current_balance": 9_000,
                           "billing_type": ["partial-payment"], "external_account_number": "A-1", "metadata": {"key": "value"}}],
    }


@case(IS, "D-bulk", "POST /bulk takes a list of customers with their accounts, and works by itself")
def _(world):
    one = item(world)
    operation = world.post("/bulk", [one, item(world)]).is_(201).data
    told = done(world, operation["id"])
    expect((told["status"], told["failed"]) == ("completed", 0), told)
    debt = world.get(f"/debt-accounts/{one['debt_accounts'][0]['external_id']}").is_(200).data
    expect(debt["current_balance"] == 9_000 and debt["customer"]["external_id"] == one["customer"]["external_id"], debt)
    expect(debt["location"]["external_id"] == one["location"]["external_id"], debt["location"])


@case(IS, "D-bulk", "parents by themselves, and implicitly by parent_external_id: null")
def _(world):
    one = item(world)
    parent, implicit = world.fresh("bp"), world.fresh("bp")
    one["parent_debt_accounts"] = [{"external_id": parent, "balance": 0}]
    one["debt_accounts"] = [
        {"external_id": world.fresh("bd"), "balance": 1_000, "parent_external_id": parent},
        {"external_id": implicit, "balance": 0, "parent_external_id": None},
        {"external_id": world.fresh("bd"), "balance": 2_000, "parent_external_id": implicit},
    ]
    told = done(world, world.post("/bulk", [one]).is_(201).data["id"])
    expect(told["failed"] == 0, world.get(f"/bulk/{told['id']}/errors").text)
    sums = [world.get(f"/debt-accounts/{which}").is_(200).data["balance"] for which in (parent, implicit)]
    expect(sums == [1_000, 2_000], sums)


@case(IS, "D-bulk", "more than 1,000 customers: 422")
def _(world):
    world.post("/bulk", [{"customer": {"name": "X"}}] * 1_001).is_(422)


@case(IS, "AE", "/bulk/debt_accounts, and its counts; the same bytes again are the same operation")
def _(world):
    customer = world.customer()["id"]
    body = {"debt_accounts": [{"customer_id": customer, "original_balance": 5_000, "external_id": world.fresh("bd")} for _ in range(3)]}
    first = world.post("/bulk/debt_accounts", body).is_(201).data
    told = done(world, first["id"])
    expect((told["total"], told["processed"], told["failed"]) == (3, 3, 0), told)
    expect(world.post("/bulk/debt_accounts", body).is_(201).data["id"] == first["id"], "another operation")
    world.post("/bulk/debt_accounts", {}).refuses("debt_accounts")


@case(IS, "ours", "a bad row is told with its position, and the others are taken")
def _(world):
    customer = world.customer()["id"]
    rows = [{"customer_id": customer, "balance": 1_000, "external_id": world.fresh("bd")} for _ in range(3)]
    rows[1]["balance"] = "much"
    operation = world.post("/bulk/debt-accounts", {"debt_accounts": rows}).is_(201).data["id"]
    told = done(world, operation)
    expect((told["total"], told["processed"], told["failed"]) == (3, 3, 1), told)
    errors = world.get(f"/bulk/{operation}/errors").is_(200).data
    expect(len(errors) == 1, errors)
    world.get(f"/debt-accounts/{rows[2]['external_id']}").is_(200)


JIT = "just in time"


@case(JIT, "guide Just In Time", "url is required, and an address")
def _(world):
    world.post("/just-in-time", {}).refuses("url")
    world.post("/just-in-time", {"url": "just-in-time-url"}).refuses("url")
    world.post("/just-in-time", {"url": "https://your-system.example/whatever-you-want?key=1"}).is_(201)


@case(JIT, "guide Just In Time", "trigger needs debt_account_external_id")
def _(world):
    world.post("/just-in-time/trigger", {}).refuses("debt_account_external_id")


@case(JIT, "ours", "without an endpoint there is nothing to trigger: 404")
def _(world):
    world.post("/just-in-time", {"url": "https://your-system.example/"}).is_(201)
    world.delete("/just-in-time").is_(200)
    world.post("/just-in-time/trigger", {"debt_account_external_id": "x"}).is_(404)
