"""Payment plans."""

from cases import case, expect, parameters, shape

IS = "payment plans"
OPENAPI = "id debt_account_id total_amount installment_amount frequency status start_date created_at"


def account(world, balance=60_000):
    return world.debt(balance)["id"]


def new(world):
    return {"debt_account_id": account(world), "amount": 10_000, "frequency": "monthly", "start_date": world.day(5)}


parameters(IS, "D-payment-plans, AE", "POST", lambda w: "/payment-plans", new, [
    ("debt_account_id", True, [], None, ["nobody"]),
    ("amount", True, [10_000, ("10000", 10_000)], "amount", ["much", 0]),
    ("frequency", True, ["weekly", "every_other_week", "monthly", "last_of_month", ("biweekly", "every_other_week")], "frequency", ["daily"]),
    ("total_amount", False, [60_000], "total_amount", [60_001, "all"]),
])
shape(IS, "AE", "a plan of the OpenAPI file", lambda w: w.made("/payment_plans", {
    "debt_account_id": account(w), "total_amount": 60_000, "installment_amount": 10_000, "frequency": "biweekly", "start_date": w.day(5)}), OPENAPI)
shape(IS, "D-payment-plans", "a plan", lambda w: w.made("/payment-plans", new(w)), "id frequency start_date amount rules charges")


@case(IS, "AE", "GET one, the list, the words of the other spelling")
def _(world):
    plan = world.made("/payment-plans", {**new(world), "frequency": "every_other_week"})
    expect(world.get(f"/payment-plans/{plan['id']}").is_(200).data["frequency"] == "every_other_week", "the guide's word")
    expect(world.get(f"/payment_plans/{plan['id']}").is_(200).data["frequency"] == "biweekly", "the OpenAPI's word")
    expect(world.get("/payment-plans?limit=1").is_(200).data[0]["id"] == plan["id"], "the newest is not first")


@case(IS, "AE", "with a method it is active, and its instalments add up")
def _(world):
    customer, debt, method = world.payer(25_000)
    plan = world.made("/payment-plans", {"debt_account_id": debt, "amount": 10_000, "frequency": "monthly",
                                         "start_date": world.day(5), "payment_method_id": method})
    expect(plan["state"] == "active", plan["state"])
    shown = world.get(f"/payment-plans/{plan['id']}").is_(200).data
    expect([c["amount"] for c in shown["charges"]] == [10_000, 10_000, 5_000], shown["charges"])
    expect(shown["charges"][0]["scheduled"] is True and shown["charges"][0]["charged_at"] is None, shown["charges"][0])
    expect(shown["next_payment_date"] == world.day(5), shown.get("next_payment_date"))


@case(IS, "D-payment-plans", "PUT while nothing is scheduled: frequency, start_date and amount, all three")
def _(world):
    path = f"/payment-plans/{world.made('/payment-plans', new(world))['id']}"
    for missing in ("frequency", "start_date", "amount"):
        body = {"frequency": "weekly", "start_date": world.day(6), "amount": 5_000}
        del body[missing]
        world.put(path, body).refuses(missing)
    changed = world.put(path, {"frequency": "weekly", "start_date": world.day(6), "amount": 5_000}).is_(200).data
    expect((changed["frequency"], changed["amount"]) == ("weekly", 5_000), changed)
    world.put(path, {"frequency": "weekly", "start_date": world.day(400), "amount": 5_000}).refuses("start_date")


@case(IS, "ours", "pause, resume, cancel")
def _(world):
    customer, debt, method = world.payer(25_000)
    plan = world.made("/payment-plans", {"debt_account_id": debt, "amount": 10_000, "frequency": "monthly",
                                         "start_date": world.day(5), "payment_method_id": method})["id"]
    for act, state in (("pause", "paused"), ("resume", "active"), ("cancel", "cancelled")):
        expect(world.post(f"/payment-plans/{plan}/{act}", {}).is_(200).data["state"] == state, act)


@case(IS, "D-payment-plans", "request: email is required for email, phone for sms; without a type nothing is sent")
def _(world):
    body = lambda **more: {"debt_account_external_id": account(world), "frequency": "monthly", "start_date": world.day(5), **more}
    world.post("/payment-plans/request", body(type="email")).refuses("email")
    world.post("/payment-plans/request", body(type="sms")).refuses("phone")
    world.post("/payment-plans/request", body(type="pigeon")).refuses("type")
    world.post("/payment-plans/request", body()).is_(201)
    world.post("/payment-plans/request", body(type="email", email="ada@example.com", min_payment_amount=700)).is_(201)
    world.post("/payment-plans/request", body(type="sms", phone="212-555-0123")).is_(201)


@case(IS, "ours", "preview shows the schedule and saves nothing")
def _(world):
    body = {**new(world), "amount": 25_000}
    told = world.post("/payment-plans/preview", body).is_(200).data
    expect(sum(c["amount"] for c in told["charges"]) == 60_000, told)
    expect(world.get(f"/payment-plans?debt_account_id={body['debt_account_id']}").is_(200).data == [], "a plan was made")
