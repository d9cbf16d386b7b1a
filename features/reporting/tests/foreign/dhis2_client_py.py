"""dhis2-client: lists, one value, sets of values, sums, the levels, the geojson shape."""
import sys

from dhis2_client import DHIS2Client

base, password = sys.argv[1:3]
client = DHIS2Client(base, username="canbo", password=password)
assert client.get_system_info()["calendar"] == "iso8601"
assert client.get_current_user(fields="id,username")["username"]
units = list(client.get_organisation_units(fields="id,name,level", pageSize=50))
assert len(units) > 90
commune = next(unit for unit in units if unit["name"] == "Xã Phủ Thông")
assert client.get_org_unit(commune["id"], fields="level,path")["level"] == 3
tree = client.get_org_unit_tree(levels=2)["organisationUnits"]
assert tree[0]["children"], tree
assert client.get_org_unit_subtree_geojson(commune["id"])["type"] == "FeatureCollection"
elements = {one["code"]: one["id"] for one in client.get_data_elements(fields="id,code", paging="false")}
sets = {one["code"]: one for one in client.get_data_sets(fields="id,code,periodType", paging="false")}
assert "diem-ho-tro" in sets

place = {"de": elements["10.6"], "pe": "nd09q-2026-4", "ou": commune["id"]}
client.set_data_value(**place, value=150, co="HllvX50cXC0")
assert client.get_data_value(**place) == ["150"]
client.delete_data_value(**place, co="HllvX50cXC0")
told = client.post_data_value_set({
    "dataSet": sets["diem-ho-tro"]["id"], "orgUnit": commune["id"], "period": "nd09q-2026-4",
    "dataValues": [{"dataElement": elements["10.6"], "value": "160"}],
})
assert told["response"]["importCount"]["imported"] == 1, told
read = client.get_data_value_set({"dataSet": sets["diem-ho-tro"]["id"], "orgUnit": commune["id"], "startDate": "2026-01-01", "endDate": "2026-12-31"})
assert [one["value"] for one in read["dataValues"]] == ["160"], read
rows = client.get_analytics_data(dx=elements["10.6"], pe="nd09q-2026-4", ou=[commune["id"]])["rows"]
assert rows == [[elements["10.6"], "nd09q-2026-4", commune["id"], "160"]], rows
dated = client.get_analytics_data(dx=elements["10.6"], ou=commune["id"], startDate="2026-01-01", endDate="2026-12-31")["rows"]
assert dated[0][-1] == "160", dated
