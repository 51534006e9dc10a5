"""Parents and their children."""

from cases import case, expect

IS, GUIDE = "nesting", "guide Debt Accounts"


def group(world):
    """A parent, and a way to make children of it."""
    parent = world.debt(0)
    def child(balance, **more):
        return world.debt(balance, customer_id=parent["customer"]["id"], parent_external_id=parent["external_id"], **more)
    return parent, child


def sums(world, parent):
    told = world.get(f"/debt-accounts/{parent['id']}").is_(200).data
    return told["balance"], told["current_balance"]


@case(IS, GUIDE, "a parent is the sum of its children, at creation and after each change and deletion")
def _(world):
    parent, child = group(world)
    first, second = child(3_000), child(2_000)
    expect(sums(world, parent) == (5_000, 5_000), sums(world, parent))
    expect(first["parent_external_id"] == parent["external_id"], first)
    world.put(f"/debt-accounts/{first['id']}", {"current_balance": 1_000}).is_(200)
    expect(sums(world, parent) == (5_000, 3_000), sums(world, parent))
    world.put(f"/debt-accounts/{first['id']}", {"balance": 4_000}).is_(200)
    expect(sums(world, parent) == (6_000, 4_000), sums(world, parent))
    world.delete(f"/debt-accounts/{second['id']}").is_(200)
    expect(sums(world, parent) == (4_000, 2_000), sums(world, parent))


@case(IS, GUIDE, "parent_external_id has to exist, on POST and on PUT")
def _(world):
    world.post("/debt-accounts", {"customer_id": world.once("owner", world.customer)["id"], "balance": 1,
                                  "parent_external_id": "nobody"}).refuses("parent_external_id")
    world.put(f"/debt-accounts/{world.debt()['id']}", {"parent_external_id": "nobody"}).refuses("parent_external_id")


@case(IS, GUIDE, "a PUT of parent_external_id attaches; of null it detaches")
def _(world):
    parent, child = group(world)
    child(3_000)
    lone = world.debt(2_000, customer_id=parent["customer"]["id"])
    path = f"/debt-accounts/{lone['id']}"
    after = world.put(path, {"parent_external_id": parent["external_id"]}).is_(200).data
    expect((after["parent_external_id"], sums(world, parent)) == (parent["external_id"], (5_000, 5_000)), after)
    after = world.put(path, {"parent_external_id": None}).is_(200).data
    expect((after["parent_external_id"], sums(world, parent)) == (None, (3_000, 3_000)), after)
    world.put(path, {"parent_external_id": parent["external_id"]}).is_(200)
    expect(world.put(path, {"parent_external_id": ""}, form=True).is_(200).data["parent_external_id"] is None, "a form does not")


@case(IS, GUIDE, "a PUT moves a child from one parent to another")
def _(world):
    parent, child = group(world)
    moved = child(3_000)
    other = world.debt(0, customer_id=parent["customer"]["id"])
    world.put(f"/debt-accounts/{moved['id']}", {"parent_external_id": other["external_id"]}).is_(200)
    expect((sums(world, parent), sums(world, other)) == ((0, 0), (3_000, 3_000)), (sums(world, parent), sums(world, other)))


@case(IS, "ours", "one level, one customer: a second level, itself and another customer are refused")
def _(world):
    parent, child = group(world)
    under = child(1_000)
    path = f"/debt-accounts/{parent['id']}"
    world.put(path, {"parent_external_id": parent["external_id"]}).refuses("parent_external_id")
    world.put(path, {"parent_external_id": under["external_id"]}).refuses("parent_external_id")
    world.post("/debt-accounts", {"customer_id": parent["customer"]["id"], "balance": 1,
                                  "parent_external_id": under["external_id"]}).refuses("parent_external_id")
    world.put(f"/debt-accounts/{world.debt()['id']}", {"parent_external_id": parent["external_id"]}).is_(422)


@case(IS, "ours", "a child takes its parent's customer and location; what is sent for a parent's own balances is ignored")
def _(world):
    place = world.fresh("loc")
    parent = world.debt(9_000, location_id=place, location_name=f"Bank {place}")
    under = world.made("/debt-accounts", {"balance": 1_000, "parent_external_id": parent["external_id"]})
    expect((under["customer"]["id"], under["location"]["external_id"]) == (parent["customer"]["id"], place), under)
    expect(sums(world, parent) == (1_000, 1_000), sums(world, parent))
    world.put(f"/debt-accounts/{parent['id']}", {"balance": 7_000, "current_balance": 7_000}).is_(200)
    expect(sums(world, parent) == (1_000, 1_000), sums(world, parent))


@case(IS, "ours", "a payment on the parent is split over its children; a parent with children is not deleted")
def _(world):
    parent, child = group(world)
    under = [child(3_000), child(2_000)]
    method = world.method(parent["customer"]["id"])
    world.pay(parent["id"], method, 4_000).is_(201)
    expect(sum(world.owed(one["id"]) for one in under) == world.owed(parent["id"]) == 1_000, world.owed(parent["id"]))
    world.delete(f"/debt-accounts/{parent['id']}").is_(400)
