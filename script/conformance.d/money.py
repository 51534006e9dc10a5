"""Charges and transactions."""

from cases import case, expect, parameters, shape

IS, TABLE = "charges", "D-charges"
OPENAPI = "id amount status payment_method_id debt_account_id created_at"


def new(world):
    customer, debt, method = world.once("payer", lambda: world.payer(100_000_000))
    return {"amount": 700, "debt_account_external_id": debt, "payment_method_id": method}


parameters(IS, TABLE, "POST", lambda w: "/charges", new, [
    ("amount", True, [700, ("700", 700)], "amount", ["much", 0, -1, 7.5]),
    ("scheduled_at", False, [], None, ["2020-01-01", "soon"]),
    ("linked_debt_account", False, [True, False], None, ["perhaps"]),
    ("email", False, ["receipt@example.com"], None, ["nobody"]),
    ("send_email", False, [True, False], None, ["perhaps"]),
    ("debt_account_external_id", False, [], None, ["nobody"]),
    ("payment_method_id", True, [], None, ["nobody"]),
])
shape(IS, "AE", "a charge of the OpenAPI file", lambda w: w.made("/charges", new(w)), OPENAPI)


def without_method(world, **method):
    body = new(world)
    del body["payment_method_id"]
    return {**body, **method}


@case(IS, TABLE, "a card or a bank account may come with the charge; two of them may not")
def _(world):
    world.post("/charges", without_method(world, card=world.CARD)).is_(201)
    world.post("/charges", without_method(world, ach=world.ACH)).is_(201)
    world.post("/charges", without_method(world, card=world.CARD, ach=world.ACH)).is_(422)
    world.post("/charges", without_method(world), form=True).is_(422)
    world.post("/charges", without_method(world, card=world.CARD), form=True).is_(201)


@case(IS, TABLE, "without an account")
def _(world):
    body = new(world)
    del body["debt_account_external_id"]
    expect("debt_account_id" not in world.post("/charges", body).is_(201).data, "it has an account")


@case(IS, TABLE, "linked_debt_account=false records the charge and leaves the balance")
def _(world):
    _, debt, method = world.payer(10_000)
    body = {"amount": 700, "debt_account_id": debt, "payment_method_id": method, "linked_debt_account": False}
    world.post("/charges", body).is_(201)
    expect(world.get(f"/debt-accounts/{debt}").is_(200).data["current_balance"] == 10_000, "the balance moved")


@case(IS, TABLE, "scheduled for a later day, and canceled")
def _(world):
    charge = world.post("/charges", {**new(world), "scheduled_at": world.day(5)}).is_(201).data
    expect((charge["status"], charge["scheduled"]) == ("pending", True), charge)
    after = world.post(f"/charges/{charge['id']}/cancel", {}).is_(200).data
    expect((after["status"], after["state"]) == ("failed", "canceled"), after)


@case(IS, "AE 400; ours (the charge under data)", "a declined card: 400, with the charge")
def _(world):
    answer = world.post("/charges", without_method(world, token="tok_insufficient_funds")).is_(400)
    expect(answer.json["errorCode"] == "charge_declined" and answer.data["status"] == "failed", answer.text)


@case(IS, "ours", "the balance falls by the charge and rises by its refund, in parts")
def _(world):
    _, debt, method = world.payer(10_000)
    balance = lambda: world.get(f"/debt-accounts/{debt}").is_(200).data["current_balance"]
    charge = world.made("/charges", {"amount": 4_000, "debt_account_id": debt, "payment_method_id": method})["id"]
    expect(balance() == 6_000, balance())
    refunded = world.post(f"/charges/{charge}/refund", {"amount": 1_500}).is_(200).data
    expect(refunded["refunded_amount"] == 1_500 and balance() == 7_500, (refunded, balance()))
    world.post(f"/charges/{charge}/refund", {"amount": 2_501}).refuses("amount")
    expect(world.post(f"/charges/{charge}/refund", {}).is_(200).data["status"] == "refunded", "not refunded")
    expect(balance() == 10_000, balance())


@case(IS, "ours", "above what is owed, and below the least payment: 422; the whole balance always goes")
def _(world):
    _, debt, method = world.payer(10_000)
    world.put(f"/debt-accounts/{debt}", {"rules": {"min_payment_amount": 2_000}}).is_(200)
    pay = lambda amount: world.post("/charges", {"amount": amount, "debt_account_id": debt, "payment_method_id": method})
    pay(10_001).refuses("amount")
    pay(1_999).refuses("amount")
    pay(9_000).is_(201)
    pay(1_000).is_(201)
    expect(world.get(f"/debt-accounts/{debt}").is_(200).data["status"] == "paid_off", "not paid off")


@case(IS, "ours", "another customer's method: 422")
def _(world):
    _, debt, _ = world.payer()
    world.post("/charges", {"amount": 100, "debt_account_id": debt, "payment_method_id": world.payer()[2]}).refuses("payment_method_id")


@case(IS, "D-payment-plans", "what the list and one charge show: charge_date, scheduled, charged_at")
def _(world):
    charge = world.made("/charges", new(world))
    one = world.get(f"/charges/{charge['id']}").is_(200).data
    missing = [key for key in "charge_date amount scheduled charged_at".split() if key not in one]
    expect(not missing, f"lacks {missing}")
    listed = world.get(f"/charges?debt_account_id={charge['debt_account_id']}&limit=500").is_(200).data
    expect(charge["id"] in [c["id"] for c in listed], "the list has it not")


PAST = "transactions"
RANGES = """today yesterday this_week this_week_to_date this_month this_month_to_date this_quarter this_quarter_to_date this_year
this_year_to_date this_year_to_last_month last_week last_week_to_date last_month last_month_to_date last_quarter
last_quarter_to_date last_year last_year_to_date since_30_days_ago since_60_days_ago since_90_days_ago since_365_days_ago""".split()


def paid(world):
    def make():
        customer, debt, method = world.payer()
        return world.made("/charges", {"amount": 5_000, "debt_account_id": debt, "payment_method_id": method})
    return world.once("paid", make)


shape(PAST, "D-transactions", "a transaction", lambda w: paid(w) and w.get("/transactions?limit=1").is_(200).data[0],
      "id batch_number amount submitted_date payment_method_details shipping_details")
shape(PAST, "AE", "a transaction of the OpenAPI file", lambda w: w.get(f"/transactions?charge_id={paid(w)['id']}").is_(200).data[0],
      "id amount type status payment_source charge_id created_at")
for name in RANGES:
    def ranged(world, name=name):
        paid(world)
        world.get(f"/transactions?date_range={name}").is_(200)
    case(PAST, "D-transactions", f"date_range={name}")(ranged)


@case(PAST, "D-transactions", "date_range: another word is refused, and not both kinds")
def _(world):
    world.get("/transactions?date_range=someday").refuses("date_range")
    world.get("/transactions?date_range=today&start_date=2026-01-01%2000:00:00").is_(422)


@case(PAST, "D-transactions", "start_date and end_date, as Y-m-d H:i:s")
def _(world):
    charge = paid(world)
    of = lambda query: [t.get("charge_id") for t in world.get(f"/transactions?limit=500&{query}").is_(200).data]
    expect(charge["id"] in of(f"start_date={world.day(-2)}%2000:00:00&end_date={world.day(2)}%2000:00:00"), "it is not there")
    expect(charge["id"] not in of(f"start_date={world.day(2)}%2000:00:00&end_date={world.day(3)}%2000:00:00"), "it is there")


@case(PAST, "D-transactions", "ids are tx_ and hex, submitted_date unix seconds, amounts cents; newest first")
def _(world):
    paid(world)
    rows = world.get("/transactions?limit=500").is_(200).data
    expect(rows[0]["id"].startswith("tx_") and isinstance(rows[0]["submitted_date"], int), rows[0])
    dates = [row["submitted_date"] for row in rows]
    expect(dates == sorted(dates, reverse=True), "not newest first")


@case(PAST, "AE", "one by its id, and DELETE is none")
def _(world):
    row = world.get(f"/transactions?charge_id={paid(world)['id']}").is_(200).data[0]
    expect(world.get(f"/transactions/{row['id']}").is_(200).data["amount"] == row["amount"], "another one")
    world.delete(f"/transactions/{row['id']}").is_(405)
