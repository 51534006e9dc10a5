"""Transactions: what the processor did."""

import re
import time

from cases import case, eventually, expect, has, shape

IS = "transactions"
RANGES = """today yesterday this_week this_week_to_date this_month this_month_to_date this_quarter this_quarter_to_date this_year
this_year_to_date this_year_to_last_month last_week last_week_to_date last_month last_month_to_date last_quarter
last_quarter_to_date last_year last_year_to_date since_30_days_ago since_60_days_ago since_90_days_ago since_365_days_ago""".split()


def paid(world):
    def make():
        customer, debt, method = world.payer()
        return world.made("/charges", {"amount": 5_000, "debt_account_id": debt, "payment_method_id": method})
    return world.once("paid", make)


shape(IS, "D-transactions", "a transaction", lambda w: paid(w) and w.get("/transactions?limit=1").is_(200).data[0],
      "id batch_number amount submitted_date payment_method_details shipping_details")
shape(IS, "AE", "a transaction of the OpenAPI file", lambda w: w.get(f"/transactions?charge_id={paid(w)['id']}").is_(200).data[0],
      "id amount type status payment_source charge_id created_at")
for name in RANGES:
    def ranged(world, name=name):
        paid(world)
        world.get(f"/transactions?date_range={name}").is_(200)
    case(IS, "D-transactions", f"date_range={name}")(ranged)


@case(IS, "D-transactions", "date_range: another word is refused, and not both kinds")
def _(world):
    world.get("/transactions?date_range=someday").refuses("date_range")
    world.get("/transactions?date_range=today&start_date=2026-01-01%2000:00:00").is_(422)


@case(IS, "D-transactions", "start_date and end_date, as Y-m-d H:i:s")
def _(world):
    charge = paid(world)
    of = lambda query: [t.get("charge_id") for t in world.get(f"/transactions?limit=500&{query}").is_(200).data]
    expect(charge["id"] in of(f"start_date={world.day(-2)}%2000:00:00&end_date={world.day(2)}%2000:00:00"), "it is not there")
    expect(charge["id"] not in of(f"start_date={world.day(2)}%2000:00:00&end_date={world.day(3)}%2000:00:00"), "it is there")


@case(IS, "D-transactions", "ids are tx_ and hex, submitted_date unix seconds, amounts cents; newest first")
def _(world):
    customer, debt, method = world.payer()
    for amount in (700, 800):
        world.pay(debt, method, amount).is_(201)
    rows = world.get(f"/transactions?customer_id={customer}").is_(200).data
    expect([row["amount"] for row in rows] == [800, 700], rows)
    expect(re.fullmatch("tx_[0-9a-f]{32}", rows[0]["id"]) and isinstance(rows[0]["submitted_date"], int), rows[0])


@case(IS, "D-transactions", "the newest submitted first, also where an answer was lost and is known later")
def _(world):
    customer, debt, method = world.payer()
    lost = world.post("/charges", {"amount": 700, "debt_account_id": debt, "token": "tok_answer_lost"}).is_(201).data["id"]
    time.sleep(1.1)  # submitted_date has whole seconds
    world.pay(debt, method, 800).is_(201)
    eventually("the lost answer", lambda: world.get(f"/charges/{lost}").is_(200).data["status"] == "completed")
    rows = [(row["amount"], row["submitted_date"]) for row in world.get(f"/transactions?customer_id={customer}").is_(200).data]
    expect(rows == sorted(rows, key=lambda row: -row[1]), f"amount and submitted_date as listed: {rows}")


@case(IS, "AE", "one by its id, and DELETE is none")
def _(world):
    row = world.get(f"/transactions?charge_id={paid(world)['id']}").is_(200).data[0]
    expect(world.get(f"/transactions/{row['id']}").is_(200).data["amount"] == row["amount"], "another one")
    world.delete(f"/transactions/{row['id']}").is_(405)


@case(IS, "AE (days); ours (the rest)", "start_date and end_date are days too, or instants; each alone")
def _(world):
    charge = paid(world)
    for query in (f"start_date={world.day(-1)}&end_date={world.day(1)}", f"start_date={world.day(-1)}T00:00:00Z&end_date={world.day(2)}T00:00:00Z"):
        rows = [row.get("charge_id") for row in world.get(f"/transactions?limit=500&{query}").is_(200).data]
        expect(charge["id"] in rows, "it is not there")
    # Each alone: ours, since the page ignores it then.
    of = lambda query: [row.get("charge_id") for row in world.get(f"/transactions?limit=500&{query}").is_(200).data]
    expect(charge["id"] in of(f"start_date={world.day(-1)}") and charge["id"] not in of(f"start_date={world.day(2)}"), "start_date alone")
    expect(charge["id"] in of(f"end_date={world.day(1)}") and charge["id"] not in of(f"end_date={world.day(-2)}"), "end_date alone")
    for name in ("start_date", "end_date"):
        world.get(f"/transactions?{name}=someday").refuses(name)


@case(IS, "D-transactions", "payment_method_details has the type and the last four, shipping_details an address")
def _(world):
    row = world.get(f"/transactions?charge_id={paid(world)['id']}").is_(200).data[0]
    expect(row["payment_method_details"] == {"type": "Card", "card": {"last4": "XXXXXXXXXXXX4242"}}, row["payment_method_details"])
    has(row["shipping_details"], "company phone fax address", "shipping_details")
    has(row["shipping_details"]["address"], "state line1 city country line2", "its address")


@case(IS, "ours", "a bank account's, and a refund's; the type says which way the money went")
def _(world):
    customer, debt, _ = world.payer()
    method = world.made(f"/customers/{customer}/payment-methods", {"ach": world.ACH})["id"]
    bank = world.pay(debt, method, 700).is_(201).data["id"]
    expect(world.get(f"/transactions?charge_id={bank}").is_(200).data[0]["payment_method_details"]["type"] != "Card", "a card")
    charge = world.pay(debt, world.method(customer), 700).is_(201).data["id"]
    world.post(f"/charges/{charge}/refund", {"amount": 200}).is_(200)
    rows = world.get(f"/transactions?charge_id={charge}").is_(200).data
    expect(sorted((row["type"], row["amount"]) for row in rows) == [("payment", 700), ("refund", 200)], rows)


for name in ("customer_id", "debt_account_id", "debt_account_external_id", "charge_id", "type", "status"):
    def found(world, name=name):
        customer, debt, method = world.payer()
        charge = world.pay(debt, method, 100).is_(201).data["id"]
        value = {"customer_id": customer, "charge_id": charge, "type": "payment", "status": "completed"}.get(name, debt)
        rows = [row.get("charge_id") for row in world.get(f"/transactions?limit=500&{name}={value}").is_(200).data]
        expect(charge in rows and (name in ("type", "status") or rows == [charge]), rows)
    case(IS, "ours", f"the list by {name}")(found)
