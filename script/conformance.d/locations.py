"""Locations: creditors, portfolios, products."""

from cases import case, expect, parameters, shape

IS = "locations"
FIELDS = [
    ("type", False, ["original_creditor", "current_creditor", "product_type"], "type", ["planet"]),
    ("external_id", False, ["<fresh>"], "external_id", []),
    ("metadata", False, [({"key": "value"}, [{"attribute": "key", "value": "value"}])], "metadata", [{"key": "x" * 256}, {"k" * 256: "x"}]),
]
bank = lambda w, **more: w.made("/locations", {"name": w.fresh("Bank"), "external_id": w.fresh("loc"), **more})
parameters(IS, "D-locations", "POST", lambda w: "/locations", lambda w: {"name": w.fresh("Bank")},
           [("name", True, ["<fresh>"], "name", [7]), *FIELDS])
parameters(IS, "D-locations", "PUT", lambda w: f"/locations/{bank(w)['id']}", lambda w: {},
           [("name", False, ["<fresh>"], "name", ["", 7]), *FIELDS])
shape(IS, "D-locations", "a location", lambda w: w.made("/locations", {"name": w.fresh("Bank")}), "id name type external_id metadata")


@case(IS, "D-locations", "original_creditor unless said; name and type together are unique")
def _(world):
    name = world.fresh("Bank")
    expect(world.made("/locations", {"name": name})["type"] == "original_creditor", "another type")
    world.post("/locations", {"name": name}).refuses("name")
    world.made("/locations", {"name": name, "type": "product_type"})


@case(IS, "D-locations", "PUT by id and external_id; GET, list and DELETE")
def _(world):
    ours, name = world.fresh("loc"), world.fresh("Bank")
    made = world.made("/locations", {"name": name, "external_id": ours})
    expect(world.put(f"/locations/{ours}", {"name": f"{name} 2"}).is_(200).data["name"] == f"{name} 2", "unchanged")
    expect(world.get(f"/locations/{made['id']}").is_(200).data["external_id"] == ours, "another one")
    expect(world.get("/locations?limit=1").is_(200).data[0]["id"] == made["id"], "the newest is not first")
    world.delete(f"/locations/{made['id']}").is_(200)
    world.get(f"/locations/{made['id']}").is_(404)


@case(IS, "D-locations", "metadata: PUT replaces a value, an empty value deletes its key, an empty whole all")
def _(world):
    path = f"/locations/{bank(world, metadata={'a': '1', 'b': '2'})['id']}"
    told = lambda metadata: {m["attribute"]: m["value"] for m in world.put(path, {"metadata": metadata}).is_(200).data["metadata"]}
    expect(told({"a": "3"}) == {"a": "3", "b": "2"}, "replacing")
    expect(told({"a": ""}) == {"b": "2"}, "deleting one")
    expect(told("") == {}, "deleting all")


@case(IS, "D-locations", "a PUT into the name and type of another one is refused")
def _(world):
    one, other = bank(world), bank(world)
    world.put(f"/locations/{one['id']}", {"name": other["name"]}).refuses("name")
    world.put(f"/locations/{one['id']}", {"name": other["name"], "type": "product_type"}).is_(200)


@case(IS, "api-facts 8.12", "parent_id is taken, ours or the caller's, and locations stay flat")
def _(world):
    parent = bank(world)
    for which in ("id", "external_id"):
        made = bank(world, parent_id=parent[which])
        expect("children" not in made and "parent" not in made, made)
        world.put(f"/locations/{made['id']}", {"parent_id": parent[which]}).is_(200)
    world.post("/locations", {"name": world.fresh("Bank"), "parent_id": "nobody"}).refuses("parent_id")


@case(IS, "ours", "one that an account uses stays: 400; an external_id that is taken: 422")
def _(world):
    used = bank(world)
    world.debt(location_id=used["id"])
    world.delete(f"/locations/{used['id']}").is_(400)
    world.post("/locations", {"name": world.fresh("Bank"), "external_id": used["external_id"]}).refuses("external_id")


for name in ("external_id", "name", "type"):
    def found(world, name=name):
        mine = bank(world, type="product_type")
        rows = world.get(f"/locations?limit=500&{name}={mine[name]}").is_(200).data
        expect(mine["id"] in [row["id"] for row in rows] and all(row[name] == mine[name] for row in rows), rows)
    case(IS, "ours", f"the list by {name}")(found)
