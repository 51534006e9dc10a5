"""The addresses of a customer."""

from cases import case, expect, parameters, shape
from printed import ADDRESS

IS, GUIDE = "addresses", "guide Customers"
places = lambda w: f"/customers/{w.customer()['id']}/addresses"
ROWS = [(name, False, [value], name, []) for name, value in
        [("name", "Home"), ("country", "US"), ("city", "Albany"), ("state", "NY"), ("line1", "1 Main St"), ("line2", "Apt 2")]]
parameters(IS, GUIDE, "POST", places, lambda w: {"postal_code": "10001"},
           [*ROWS, ("postal_code", True, ["10001"], "postal_code", ["1000", "100011", "abcde"]),
            ("is_primary", False, [("true", True), ("false", True)], "is_primary", [])])


def one(world):
    path = places(world)
    return f"{path}/{world.made(path, {'postal_code': '10001'})['id']}"


parameters(IS, GUIDE, "PUT", one, lambda w: {},
           [*ROWS, ("postal_code", False, ["10002"], "postal_code", ["1000", "100011", "abcde", ""]),
            ("is_primary", False, [("true", True)], "is_primary", ["perhaps"])])
shape(IS, GUIDE, "a created address", lambda w: w.made(places(w), {"postal_code": "10001"}), f"id {ADDRESS}")
shape(IS, GUIDE, "a listed address", lambda w: w.get(two(w)[0]).is_(200).data[0], f"id {ADDRESS}")


def two(world):
    path = places(world)
    return path, world.made(path, {"postal_code": "10001"}), world.made(path, {"postal_code": "10002"})


@case(IS, GUIDE, "the first is primary, later ones are not unless they say so, and there is only one")
def _(world):
    path, first, second = two(world)
    expect(first["is_primary"] and not second["is_primary"], (first, second))
    world.put(f"{path}/{second['id']}", {"postal_code": "10002", "is_primary": "true"}).is_(200)
    told = {a["id"]: a["is_primary"] for a in world.get(path).is_(200).data}
    expect(told == {first["id"]: False, second["id"]: True}, told)


@case(IS, GUIDE, "PUT changes, DELETE deletes and says success")
def _(world):
    path, first, second = two(world)
    changed = world.put(f"{path}/{first['id']}", {"name": "Updated", "postal_code": "10001"}).is_(200).data
    expect(changed["name"] == "Updated", changed)
    expect(world.delete(f"{path}/{second['id']}").is_(200).json["success"] is True, "no success")
    expect(len(world.get(path).is_(200).data) == 1, "it is still there")


@case(IS, "guide Customers (its line sends none); ours (checked where it is sent)", "postal_code may be missing from PUT")
def _(world):
    path, first, _ = two(world)
    expect(world.put(f"{path}/{first['id']}", {"name": "Updated Address Name"}).is_(200).data["postal_code"] == "10001", "it is gone")


@case(IS, GUIDE, "GET, POST, PUT and DELETE by the customer's external_id")
def _(world):
    path = f"/customers/{world.customer()['external_id']}/addresses"
    one = world.made(path, {"postal_code": "10001"})["id"]
    expect([a["id"] for a in world.get(path).is_(200).data] == [one], "another one")
    world.put(f"{path}/{one}", {"name": "Home"}).is_(200)
    world.delete(f"{path}/{one}").is_(200)
    world.delete(f"{path}/{one}").is_(404)


@case(IS, "ours", "without the primary one the oldest is; of one alone is_primary=false is ignored; somebody else's is not found")
def _(world):
    path, first, second = two(world)
    world.delete(f"{path}/{first['id']}").is_(200)
    expect(world.get(f"{path}/{second['id']}").is_(200).data["is_primary"] is True, "nobody is primary")
    expect(world.put(f"{path}/{second['id']}", {"is_primary": False}).is_(200).data["is_primary"] is True, "nobody is primary")
    for method in ("GET", "PUT", "DELETE"):
        world.ask(method, f"{places(world)}/{second['id']}").is_(404)
