"""Customers."""

import urllib.parse

from cases import case, expect, parameters, shape
from printed import CUSTOMER

IS, GUIDE = "customers", "guide Customers"

FIELDS = [
    ("email", False, ["test@example.com"], "email", ["nobody", "a@b"]),
    ("external_id", False, ["<fresh>"], "external_id", []),
    ("phone", False, [("212-555-0123", "+12125550123"), ("(212) 555-0123", "+12125550123"), ("+12125550123", "+12125550123")],
     "phone", ["555", "+44 20 7946 0958"]),
    ("date_of_birth", False, ["1991-12-31"], "dob", ["31.12.1991", "1991-13-01", "2999-01-01"]),
    ("ssn_last4", False, [("1234", "***-**-1234"), (1234, "***-**-1234"), ("0042", "***-**-0042")], "ssn", ["12345", "abcd"]),
    ("metadata", False, [({"key": "value"}, [{"attribute": "key", "value": "value"}]),
                         ({"b": "2", "a": "1"}, [{"attribute": "a", "value": "1"}, {"attribute": "b", "value": "2"}])],
     "metadata", [{"key": "x" * 256}, {"k" * 256: "x"}]),
    ("address", False, [({"postal_code": "10001", "city": "Albany"}, "Albany")], "address.0.city", ["home"]),
    ("address.line1", False, ["1 Main St"], "addresses.0.line1", []),
    ("address.line2", False, ["Apt 2"], "addresses.0.line2", []),
    ("address.name", False, ["Home"], "addresses.0.name", []),
    ("address.city", False, ["Albany"], "addresses.0.city", []),
    ("address.state", False, ["NY"], "addresses.0.state", []),
    ("address.country", False, ["US"], "addresses.0.country", []),
    ("address.postal_code", False, ["12207", "12207-1234"], "addresses.0.postal_code", []),
    ("address", False, [({"is_primary": True, "city": "Albany"}, True)], "addresses.0.is_primary", [{"is_primary": "perhaps"}]),
]
parameters(IS, GUIDE, "POST", lambda w: "/customers", lambda w: {"name": "Customer Name"},
           [("name", True, ["Customer Name", "Acme, Inc."], "name", [7]), *FIELDS])
# A new address of a customer who is changed needs its postal code; the other fields are sent with one.
parameters(IS, GUIDE, "PUT", lambda w: f"/customers/{w.customer()['id']}", lambda w: {},
           [("name", False, ["Updated Customer Name"], "name", ["", 7]), *[row for row in FIELDS if not row[0].startswith("address")]])
parameters(IS, GUIDE, "PUT", lambda w: f"/customers/{w.customer()['id']}", lambda w: {"address": {"postal_code": "10001"}},
           [row for row in FIELDS if row[0].startswith("address.")])
shape(IS, GUIDE, "a created customer", lambda w: w.customer(phone="212-555-0123", address={"postal_code": "10001"}), f"{CUSTOMER} address")
shape(IS, GUIDE, "a shown customer", lambda w: w.get(f"/customers/{w.customer(phone='212-555-0123')['id']}").is_(200).data, CUSTOMER)
shape(IS, "AE", "a customer of the OpenAPI file", lambda w: w.made("/customers", {
    "first_name": "Grace", "last_name": "Hopper", "email": "g@example.com", "phone": "212-555-0199"}),
      "id first_name last_name email phone created_at updated_at")


@case(IS, GUIDE, "GET and PUT by external_id")
def _(world):
    customer = world.customer()
    found = world.get(f"/customers/{customer['external_id']}").is_(200).data
    expect(found["id"] == customer["id"], found)
    world.put(f"/customers/{customer['external_id']}", {"name": "Other"}).is_(200)
    world.get(f"/customers/{customer['external_id']}/addresses").is_(200)


@case(IS, "api-facts 1.1", "a leading zero of ssn_last4 survives")
def _(world):
    expect(world.made("/customers", {"name": "X", "ssn_last4": 42})["ssn"].endswith("0042"), "the zeros are gone")


@case(IS, "api-facts 8.2", "address and addresses are both there, and lists, in every reply")
def _(world):
    bare, whole = world.customer(), world.customer(address={"postal_code": "10001"})
    for customer, many in ((bare, 0), (whole, 1)):
        path = f"/customers/{customer['id']}"
        for told in (customer, world.get(path).data, world.put(path, {}).data,
                     world.get(f"/customers?external_id={customer['external_id']}").data[0]):
            expect(told["address"] == told["addresses"] and len(told["address"]) == many, told["address"])


@case(IS, "api-facts 8.3", "dob and date_of_birth are both told")
def _(world):
    customer = world.customer(dob="1991-12-31")
    expect(customer["dob"] == customer["date_of_birth"] == "1991-12-31", customer)


@case(IS, "guide Customers; api-facts 1.1 (the list)", "all of the guide's parameters at once: then every key has its value")
def _(world):
    home = {"name": "Home", "line1": "1 Main St", "line2": "Apt 2", "city": "Albany", "postal_code": "12207", "state": "NY",
            "country": "US", "is_primary": True}
    sent = {"name": "Katherine Johnson", "email": "katherine@example.com", "phone": "212-555-0123", "date_of_birth": "1918-08-26",
            "ssn_last4": 4321, "address": home, "metadata": {"key": "value", "key1": "value"}}
    customer = world.customer(**sent)
    empty = [key for key in f"{CUSTOMER} address".split() if not customer.get(key)]
    expect(not empty, f"nothing in {empty}")
    expect({key: customer["addresses"][0][key] for key in home} == home, customer["addresses"])


@case(IS, GUIDE, "address.id on update changes that address")
def _(world):
    customer = world.customer(address={"postal_code": "10001", "city": "Albany"})
    there = customer["addresses"][0]
    after = world.put(f"/customers/{customer['id']}", {"address": {"id": there["id"], "city": "Buffalo"}}).is_(200).data["addresses"]
    expect([(a["id"], a["city"], a["postal_code"]) for a in after] == [(there["id"], "Buffalo", "10001")], after)


@case(IS, GUIDE, "postal_code of an address is required on update where its id is missing")
def _(world):
    path = f"/customers/{world.customer()['id']}"
    world.put(path, {"address": {"city": "Albany"}}).names("address.postal_code")
    after = world.put(path, {"address": {"city": "Albany", "postal_code": "12207"}}).is_(200).data["addresses"]
    expect([a["city"] for a in after] == ["Albany"], after)


@case(IS, "ours", "address.id of somebody else is refused; an address that is there already is not added again")
def _(world):
    mine, other = (world.customer(address={"postal_code": "10001", "line1": "1 Main St"}) for _ in range(2))
    path = f"/customers/{mine['id']}"
    world.put(path, {"address": {"id": other["addresses"][0]["id"], "city": "Albany"}}).names("address.id")
    same = world.put(path, {"address": {"postal_code": "10001", "line1": "1 Main St"}}).is_(200).data["addresses"]
    more = world.put(path, {"address": {"postal_code": "10002"}}).is_(200).data["addresses"]
    expect((len(same), len(more)) == (1, 2), (same, more))


@case(IS, GUIDE, "metadata: PUT replaces a value, an empty value deletes its key, an empty whole all")
def _(world):
    path = f"/customers/{world.customer(metadata={'a': '1', 'b': '2'})['id']}"
    told = lambda body: {m["attribute"]: m["value"] for m in world.put(path, body).is_(200).data["metadata"]}
    expect(told({"metadata": {"a": "3"}}) == {"a": "3", "b": "2"}, "replacing")
    expect(told({"metadata": {"a": ""}}) == {"b": "2"}, "deleting one")
    expect(told({"metadata": ""}) == {}, "deleting all")


@case(IS, GUIDE, "metadata through a form: likewise")
def _(world):
    path = f"/customers/{world.customer(metadata={'a': '1', 'b': '2'})['id']}"
    told = lambda body: {m["attribute"]: m["value"] for m in world.put(path, body, form=True).is_(200).data["metadata"]}
    expect(told({"metadata": {"a": "3"}}) == {"a": "3", "b": "2"}, "replacing")
    expect(told({"metadata": {"a": ""}}) == {"b": "2"}, "deleting one")
    expect(told({"metadata": ""}) == {}, "deleting all")


@case(IS, GUIDE, "what is not sent stays")
def _(world):
    customer = world.customer(phone="212-555-0123")
    after = world.put(f"/customers/{customer['id']}", {"name": "Other"}).is_(200).data
    expect(after["phone"] == customer["phone"] and after["email"] == customer["email"], after)


@case(IS, "api-facts 1.1", "status active, locked, archived")
def _(world):
    expect(world.customer()["status"] == "active", "not active unless said")
    path = f"/customers/{world.customer()['id']}"
    for status in ("locked", "archived", "active"):
        expect(world.customer(status=status)["status"] == status, status)
        expect(world.put(path, {"status": status}).is_(200).data["status"] == status, status)
    world.put(path, {"status": "asleep"}).refuses("status")


@case(IS, "api-facts 1.1; ours (400)", "a locked or archived customer gets no link, and an active one does")
def _(world):
    customer = world.customer()["id"]
    for status, answer in (("locked", 400), ("archived", 400), ("active", 201)):
        world.put(f"/customers/{customer}", {"status": status}).is_(200)
        world.post("/customer-sessions", {"customer_id": customer}).is_(answer)


@case(IS, GUIDE, "the list has what was created")
def _(world):
    customer = world.customer()
    newest = world.get("/customers?limit=1").is_(200).data[0]
    expect(newest["id"] == customer["id"], "the newest customer is not first")


@case(IS, GUIDE, "DELETE by id and by external_id: {\"success\": true}, then 404")
def _(world):
    for which in ("id", "external_id"):
        path = f"/customers/{world.customer()[which]}"
        expect(world.delete(path).is_(200).json["success"] is True, "no success")
        world.get(path).is_(404)


@case(IS, "ours", "a customer who still owes stays: 400")
def _(world):
    customer = world.debt()["customer"]["id"]
    world.delete(f"/customers/{customer}").is_(400)
    world.get(f"/customers/{customer}").is_(200)


for name, value in (("external_id", None), ("email", "{}@example.com"), ("name", "Only {}"), ("phone", "212-555-{}"), ("status", "archived")):
    def found(world, name=name, value=value):
        mine = world.fresh() if name != "phone" else str(int(world.fresh()[2:8], 16) % 9_000 + 1_000)
        told = value.format(mine) if value else mine
        made = world.customer(**{name: told})
        rows = world.get(f"/customers?limit=500&{name}={urllib.parse.quote(told)}").is_(200).data
        expect(made["id"] in [row["id"] for row in rows] and all(row[name] == made[name] for row in rows), [row[name] for row in rows])
    case(IS, "ours", f"the list by {name}")(found)


@case(IS, "ours", "an external_id that is taken: 422")
def _(world):
    taken = world.customer()["external_id"]
    answer = world.post("/customers", {"name": "X", "external_id": taken}).refuses("external_id")
    expect("already been taken" in answer.text, answer.text)
