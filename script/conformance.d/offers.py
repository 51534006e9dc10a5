"""Settlement offers: ours, no source shows them; their limits are what is known of the product."""

from cases import case, expect, parameters, shape

IS = "settlement offers"
LIMITS = "ours; api-facts 6 (settlements)"


def made(world, debt=None, **more):
    return world.made("/settlement-offers", {"debt_account_id": debt or world.debt(60_000)["id"], "type": "plan",
                                             **(more or {"discount_percent": 40})})


def new(world):
    return {"debt_account_id": world.once("offered", lambda: world.debt(60_000))["id"], "type": "plan", "discount_percent": 40}


parameters(IS, LIMITS, "POST", lambda w: "/settlement-offers", new, [
    ("debt_account_id", True, [], None, ["nobody"]),
    ("type", True, ["one_time", "plan"], "type", ["gift"]),
    ("discount_percent", False, [40, 80], "discount_percent", [0, 81, 100, "much"]),
    ("max_installments", False, [3], "max_installments", [0, 1_000]),
])
parameters(IS, LIMITS, "PUT", lambda w: f"/settlement-offers/{made(w)['id']}", lambda w: {}, [
    ("amount", False, [30_000], "amount", [60_000, 11_999, "much"]),
    ("discount_amount", False, [48_000], "discount_amount", [48_001]),
    ("discount_percent", False, [10], "discount_percent", [81]),
    ("max_installments", False, [2], "max_installments", [0]),
])
shape(IS, "ours", "an offer", made,
      "id debt_account_id customer_id type status state balance amount discount_amount discount_percent max_installments expires_on created_at")


@case(IS, "ours", "one amount, however it is said; exactly one of the three")
def _(world):
    for said in ({"amount": 36_000}, {"discount_amount": 24_000}, {"discount_percent": 40}):
        told = made(world, **said)
        expect((told["balance"], told["amount"], told["discount_amount"], told["discount_percent"]) == (60_000, 36_000, 24_000, 40), told)
    body = new(world)
    del body["discount_percent"]
    world.post("/settlement-offers", body).refuses("amount")
    world.post("/settlement-offers", {**body, "amount": 36_000, "discount_percent": 40}).refuses("amount")


@case(IS, LIMITS, "24 months at most unless said")
def _(world):
    expect(made(world)["max_installments"] == 24, made(world))


@case(IS, "ours", "its last day is today or later")
def _(world):
    for ahead, answer in ((-1, 422), (0, 201), (30, 201)):
        world.post("/settlement-offers", {**new(world), "expires_on": world.day(ahead)}).is_(answer)


@case(IS, "ours", "a plan takes it up within its terms; then it is not changed, withdrawn or deleted any more")
def _(world):
    _, debt, method = world.payer(60_000)
    offer = made(world, debt, amount=30_000, max_installments=3)
    plan = {"debt_account_id": debt, "frequency": "monthly", "start_date": world.day(5), "settlement_offer_id": offer["id"],
            "payment_method_id": method}
    world.post("/payment-plans", {**plan, "amount": 7_500}).refuses("amount")
    world.post("/payment-plans", {**plan, "amount": 10_000, "total_amount": 29_000}).refuses("total_amount")
    world.made("/payment-plans", {**plan, "amount": 10_000})
    path = f"/settlement-offers/{offer['id']}"
    world.put(path, {"amount": 40_000}).is_(400)
    world.post(f"{path}/withdraw", {}).is_(400)
    world.delete(path).is_(400)


@case(IS, "ours", "one_time is one payment")
def _(world):
    _, debt, method = world.payer(60_000)
    offer = world.made("/settlement-offers", {"debt_account_id": debt, "type": "one_time", "discount_percent": 50})
    plan = {"debt_account_id": debt, "frequency": "monthly", "start_date": world.day(5), "settlement_offer_id": offer["id"]}
    world.post("/payment-plans", {**plan, "amount": 15_000}).refuses("amount")
    world.made("/payment-plans", {**plan, "amount": 30_000, "payment_method_id": method})


@case(IS, "ours", "withdrawn it stays so, and no plan takes it up; deleted it is gone")
def _(world):
    offer = made(world)
    path = f"/settlement-offers/{offer['id']}"
    for _ in range(2):
        expect(world.post(f"{path}/withdraw", {}).is_(200).data["status"] == "withdrawn", "not withdrawn")
    plan = {"debt_account_id": offer["debt_account_id"], "frequency": "monthly", "start_date": world.day(5), "amount": 12_000,
            "settlement_offer_id": offer["id"]}
    world.post("/payment-plans", plan).is_(400)
    expect(world.delete(path).is_(200).json["success"] is True, "no success")
    world.get(path).is_(404)


@case(IS, "ours", "an account that cannot be paid gets none: 400; one that comes to owe nothing takes its offers back")
def _(world):
    world.post("/settlement-offers", {**new(world), "debt_account_id": world.debt(status="locked")["id"]}).is_(400)
    _, debt, method = world.payer(60_000)
    offer = made(world, debt)
    world.pay(debt, method, 60_000).is_(201)
    told = world.get(f"/settlement-offers/{offer['id']}").is_(200).data
    expect((told["status"], told["reason"]) == ("withdrawn", "paid_off"), told)


for name in ("customer_id", "debt_account_id", "debt_account_external_id", "type", "status"):
    def found(world, name=name):
        offer = made(world)
        value = {"type": "plan", "status": "active", "customer_id": offer["customer_id"]}.get(name, offer["debt_account_id"])
        rows = [row["id"] for row in world.get(f"/settlement-offers?limit=500&{name}={value}").is_(200).data]
        expect(offer["id"] in rows and (name in ("type", "status") or rows == [offer["id"]]), rows)
    case(IS, "ours", f"the list by {name}")(found)
