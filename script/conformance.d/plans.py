"""Payment plans."""

import offers
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
    ("payment_method_id", False, [], None, ["nobody"]),
    ("settlement_offer_id", False, [], None, ["nobody"]),
    ("open_ended", False, [True, False], "open_ended", ["perhaps"]),
    ("down_payment_amount", False, [5_000], "down_payment_amount", ["much", 0]),
    ("start_date", False, [], None, ["soon", "2020-01-01"]),
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


def enrolled(world, **more):
    """A plan that runs."""
    _, debt, method = world.payer(60_000)
    return world.made("/payment-plans", {**new(world), "debt_account_id": debt, "payment_method_id": method, **more})


@case(IS, "D-payment-plans", "start_date is at least a day ahead, and within payment_plan_max_days_until_start_date: 31")
def _(world):
    for ahead, answer in ((0, 422), (1, 201), (31, 201), (32, 422)):
        world.post("/payment-plans", {**new(world), "start_date": world.day(ahead)}).is_(answer)
    body = new(world)
    del body["start_date"]
    expect(world.made("/payment-plans", body)["start_date"] == world.day(1), "not tomorrow unless said")


@case(IS, "AE", "payment_method_id: of the account's customer; somebody else's is refused")
def _(world):
    customer, debt, method = world.payer(60_000)
    body = {**new(world), "debt_account_id": debt}
    world.post("/payment-plans", {**body, "payment_method_id": world.payer()[2]}).refuses("payment_method_id")
    expect(world.made("/payment-plans", {**body, "payment_method_id": method})["payment_method_id"] == method, "another method")


@case(IS, "ours", "settlement_offer_id: the plan pays what the offer says, and the offer is accepted")
def _(world):
    _, debt, method = world.payer(60_000)
    offer = offers.made(world, debt, amount=30_000)
    plan = world.made("/payment-plans", {**new(world), "debt_account_id": debt, "settlement_offer_id": offer["id"], "payment_method_id": method})
    expect((plan["total_amount"], plan["discount_amount"], plan["settlement_offer_id"]) == (30_000, 30_000, offer["id"]), plan)
    told = world.get(f"/settlement-offers/{offer['id']}").is_(200).data
    expect((told["status"], told["payment_plan_id"]) == ("accepted", plan["id"]), told)


@case(IS, "api-facts 6 (autopay)", "open_ended: the next two payments, until nothing is owed")
def _(world):
    plan = enrolled(world, open_ended=True)
    expect([charge["amount"] for charge in plan["charges"]] == [10_000, 10_000], plan["charges"])
    world.post("/payment-plans", {**new(world), "open_ended": True, "total_amount": 50_000}).refuses("total_amount")


@case(IS, "ours", "down_payment_amount comes before the instalments, on down_payment_date")
def _(world):
    plan = enrolled(world, down_payment_amount=15_000, down_payment_date=world.day(2))
    expect([(c["due_date"], c["amount"]) for c in plan["charges"]][:2] == [(world.day(2), 15_000), (world.day(5), 10_000)], plan["charges"])
    expect(sum(charge["amount"] for charge in plan["charges"]) == 60_000, plan["charges"])
    world.post("/payment-plans", {**new(world), "down_payment_amount": 5_000, "down_payment_date": world.day(-1)}).refuses("down_payment_date")


@case(IS, "api-facts 6 (settlements)", "a total below what is owed is a settlement: at most 80 percent off, within 24 months")
def _(world):
    ask = lambda total, amount: world.post("/payment-plans", {**new(world), "total_amount": total, "amount": amount})
    ask(11_999, 6_000).refuses("total_amount")
    ask(24_000, 999).refuses("amount")
    ask(12_000, 500).is_(201)


@case(IS, "D-payment-plans", "there are no charges until the customer is enrolled; then each is scheduled, by ISO 8601")
def _(world):
    pending = world.made("/payment-plans", new(world))
    expect((pending["charges"], pending["state"]) == ([], "pending"), pending)
    charge = enrolled(world)["charges"][0]
    expect("T" in charge["charge_date"] and (charge["scheduled"], charge["charged_at"]) == (True, None), charge)


@case(IS, "D-payment-plans", "PUT is refused once something is scheduled: 400")
def _(world):
    plan = enrolled(world)
    path = f"/payment-plans/{plan['id']}"
    world.put(path, {"frequency": "weekly", "start_date": world.day(6), "amount": 5_000}).is_(400)
    expect(world.get(path).is_(200).data["amount"] == 10_000, "it was changed")


@case(IS, "D-payment-plans", "PUT is refused where the rule unscheduled_payment_plan_editable says so: 400")
def _(world):
    path = f"/payment-plans/{world.made('/payment-plans', new(world))['id']}"
    editable = lambda is_so: world.put("/organization", {"payment_rules": {"unscheduled_payment_plan_editable": is_so}}).is_(200)
    editable(False)
    try:
        expect(world.get(path).is_(200).data["rules"] == {"unscheduled_payment_plan_editable": False}, "the plan does not say so")
        world.put(path, {"frequency": "weekly", "start_date": world.day(6), "amount": 5_000}).is_(400)
    finally:
        editable(True)
    world.put(path, {"frequency": "weekly", "start_date": world.day(6), "amount": 5_000}).is_(200)


@case(IS, "ours", "a PUT brings a pending plan its payment method, and an active one another")
def _(world):
    customer, debt, method = world.payer(60_000)
    pending = world.made("/payment-plans", {**new(world), "debt_account_id": debt})
    path = f"/payment-plans/{pending['id']}"
    terms = {key: pending[key] for key in ("frequency", "start_date", "amount")}
    expect(world.put(path, {**terms, "payment_method_id": method}).is_(200).data["state"] == "active", "not active")
    other = world.method(customer)
    expect(world.put(path, {**terms, "payment_method_id": other}).is_(200).data["payment_method_id"] == other, "the one before")


@case(IS, "ours", "replace: other terms are another plan, by the same method, and the one before is over")
def _(world):
    old = enrolled(world)
    new = world.made(f"/payment-plans/{old['id']}/replace", {"amount": 30_000, "frequency": "monthly"})
    expect((new["state"], new["replaces_id"], new["payment_method_id"]) == ("active", old["id"], old["payment_method_id"]), new)
    before = world.get(f"/payment-plans/{old['id']}").is_(200).data
    expect((before["state"], before["reason"]) == ("cancelled", "replaced"), before)


@case(IS, "ours", "an account has one plan that lives; a pending one gives way to another and can be deleted, a running one not")
def _(world):
    plan = enrolled(world)
    world.post("/payment-plans", {**new(world), "debt_account_id": plan["debt_account_id"]}).is_(400)
    world.delete(f"/payment-plans/{plan['id']}").is_(400)
    debt = account(world)
    first, second = (world.made("/payment-plans", {**new(world), "debt_account_id": debt})["id"] for _ in range(2))
    world.get(f"/payment-plans/{first}").is_(404)
    world.delete(f"/payment-plans/{second}").is_(200)


@case(IS, "ours", "an account that cannot be paid gets no plan: 400")
def _(world):
    for status in ("locked", "archived", "closed"):
        debt = world.debt(60_000, status=status)["id"]
        world.post("/payment-plans", {**new(world), "debt_account_id": debt}).is_(400)


@case(IS, "ours", "what is paid off completes its plan")
def _(world):
    _, debt, method = world.payer(60_000)
    plan = world.made("/payment-plans", {**new(world), "debt_account_id": debt, "payment_method_id": method})["id"]
    world.pay(debt, method, 60_000).is_(201)
    told = world.get(f"/payment-plans/{plan}").is_(200).data
    expect((told["status"], told["reason"]) == ("completed", "paid_off"), told)


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


parameters(IS, "D-payment-plans", "PUT", lambda w: f"/payment-plans/{w.made('/payment-plans', new(w))['id']}",
           lambda w: {"frequency": "weekly", "start_date": w.day(6), "amount": 5_000}, [
    ("frequency", True, ["weekly", "every_other_week", "monthly", "last_of_month"], "frequency", ["daily"]),
    ("start_date", True, [], None, ["soon", "2020-01-01"]),
    ("amount", True, [5_000, ("5000", 5_000)], "amount", ["much", 0]),
    ("payment_method_id", False, [], None, ["nobody"]),
])
parameters(IS, "D-payment-plans (request)", "POST", lambda w: "/payment-plans/request",
           lambda w: {"debt_account_external_id": account(w), "frequency": "monthly", "start_date": w.day(5), "email": "ada@example.com",
                      "phone": "212-555-0123"}, [
    ("type", False, [("sms", "sms"), ("email", "email")], "request.type", ["pigeon"]),
    ("email", False, ["ada@example.com"], None, ["nobody"]),
    ("phone", False, ["(212) 555-0123"], None, ["12"]),
    ("debt_account_external_id", True, [], None, ["nobody"]),
    ("frequency", False, ["weekly", "every_other_week", "monthly", "last_of_month"], "frequency", ["daily"]),
    ("start_date", True, [], None, ["soon", "2020-01-01"]),
    ("min_payment_amount", False, [700, ("700", 700)], "min_payment_amount", ["much", 99]),
])


@case(IS, "D-payment-plans", "request: email is required for email, phone for sms; without a type nothing is sent")
def _(world):
    body = lambda **more: {"debt_account_external_id": account(world), "frequency": "monthly", "start_date": world.day(5), **more}
    world.post("/payment-plans/request", body(type="email")).refuses("email")
    world.post("/payment-plans/request", body(type="sms")).refuses("phone")
    world.post("/payment-plans/request", body(type="pigeon")).refuses("type")
    world.post("/payment-plans/request", body()).is_(201)
    world.post("/payment-plans/request", body(type="email", email="ada@example.com", min_payment_amount=700)).is_(201)
    world.post("/payment-plans/request", body(type="sms", phone="212-555-0123")).is_(201)


@case(IS, "D-payment-plans", "request: frequency with start_date, min_payment_amount of at least 100; the message goes nowhere yet")
def _(world):
    body = lambda **more: {"debt_account_external_id": account(world), **more}
    world.post("/payment-plans/request", {"frequency": "weekly"}).refuses("debt_account_external_id")
    world.post("/payment-plans/request", body(frequency="weekly")).refuses("start_date")
    world.post("/payment-plans/request", body(min_payment_amount=99)).refuses("min_payment_amount")
    world.post("/payment-plans/request", body(type="sms", phone="12")).refuses("phone")
    made = world.post("/payment-plans/request", body(type="email", email="ada@example.com", min_payment_amount=700)).is_(201).data
    expect((made["state"], made["min_payment_amount"], made["request"]["type"]) == ("pending", 700, "email"), made)


@case(IS, "ours", "preview shows the schedule and saves nothing")
def _(world):
    body = {**new(world), "amount": 25_000}
    told = world.post("/payment-plans/preview", body).is_(200).data
    expect(sum(c["amount"] for c in told["charges"]) == 60_000, told)
    expect(world.get(f"/payment-plans?debt_account_id={body['debt_account_id']}").is_(200).data == [], "a plan was made")


for name in ("customer_id", "debt_account_id", "debt_account_external_id", "status", "frequency"):
    def found(world, name=name):
        plan = enrolled(world)
        value = {"status": "active", "customer_id": plan["customer_id"], "frequency": "monthly"}.get(name, plan["debt_account_id"])
        rows = [row["id"] for row in world.get(f"/payment-plans?limit=500&{name}={value}").is_(200).data]
        expect(plan["id"] in rows and (name in ("status", "frequency") or rows == [plan["id"]]), rows)
    case(IS, "ours", f"the list by {name}")(found)
