"""dhis2.py: what an integrator's script does: version, lists, a partitioned import, reading back, sums."""
import sys

from dhis2 import Api, RequestException, import_response_ok

base, password = sys.argv[1:3]
api = Api(base, "canbo", password)
assert api.version_int == 42, api.version
assert api.get("me").json()["name"]

units = api.get_paged("organisationUnits", params={"fields": "id,level,code"}, page_size=40, merge=True)["organisationUnits"]
assert len(units) > 90 and len({unit["id"] for unit in units}) == len(units)
commune = next(unit["id"] for unit in units if unit.get("code") == "01969")
elements = {one["code"]: one["id"] for one in api.get("dataElements", params={"fields": "id,code", "paging": False}).json()["dataElements"]}
combos = api.get("categoryOptionCombos", params={"filter": "code:eq:gt=nu", "fields": "id"}).json()["categoryOptionCombos"]

values = [
    {"dataElement": elements["10.6"], "period": "nd09q-2026-4", "orgUnit": commune, "value": "198"},
    {"dataElement": elements["10.6"], "period": "nd09q-2026-4", "orgUnit": commune, "value": 90, "categoryOptionCombo": combos[0]["id"]},
    {"dataElement": elements["10.5b"], "period": "nd09q-2026-4", "orgUnit": commune, "value": "2"},
]
for response in api.post_partitioned("dataValueSets", json={"dataValues": values}, thresh=2):
    assert import_response_ok(response.json()), response.text
for response in api.post_partitioned("dataValueSets", json={"dataValues": values}, thresh=2):
    counts = response.json()["importCount"]
    assert counts["imported"] == counts["updated"] == 0 and counts["ignored"] > 0, counts

read = api.get("dataValueSets", params={"dataSet": "diem-ho-tro", "period": "nd09q-2026-4", "orgUnit": commune}).json()["dataValues"]
assert sorted(one["value"] for one in read) == ["198", "2", "90"], read
csv = api.get("dataValueSets", file_type="csv", params={"dataSet": "diem-ho-tro", "period": "nd09q-2026-4", "orgUnit": commune}).text
assert len(csv.strip().splitlines()) == 4, csv
rows = api.get("analytics", params=[("dimension", "dx:" + elements["10.6"]), ("dimension", "pe:THIS_QUARTER"), ("dimension", "ou:USER_ORGUNIT")]).json()["rows"]
assert rows[0][3] == "198", rows

versioned = Api(base, "canbo", password, api_version=40)
assert versioned.get("organisationUnits/" + commune).json()["code"] == "01969"
try:
    api.post("dataValueSets", json={"dataValues": [dict(values[0], orgUnit="AAAAAAAAAAA")]})
    raise AssertionError("an unknown unit was taken")
except RequestException as refusal:
    assert refusal.code == 409 and "E7612" in refusal.description, refusal.description
try:
    Api(base, "canbo", "not the password").get("me")
    raise AssertionError("a wrong password was taken")
except RequestException as refusal:
    assert refusal.code == 401, refusal.code
