"""dhis2-fetch: levels, the tree, data items, a data set's elements and values into its local database."""
import sqlite3
import sys

import requests
from dhis2_fetch import Dhis2Client

base, password = sys.argv[1:3]
client = Dhis2Client(base, "canbotinh", password, quiet=True)
assert sorted(client.fetch_orgunit_levels()) == [1, 2, 3]
country = client.fetch_boundary_ou()
tree = client.fetch_orgunit_tree(3, boundary_ou_uid=country)
assert len(tree) > 90, tree
commune = tree[tree.iloc[:, 4] == "Xã Phủ Thông"].iloc[0, 5]
items = client.fetch_data_items(verbose=True)
assert set(items.datatype) == {"DE", "I", "DS"}, set(items.datatype)
code = {one["code"]: one["id"] for one in requests.get(base + "/api/dataElements?fields=id,code&paging=false", auth=("canbotinh", password)).json()["dataElements"]}
dataset = requests.get(base + "/api/dataSets?fields=id&filter=code:eq:diem-ho-tro", auth=("canbotinh", password)).json()["dataSets"][0]["id"]
asked = client.fetch_dataset_elements([dataset])
assert code["10.6"] in set(asked.dx), asked
value = {"dataElement": code["10.6"], "period": "nd09q-2026-4", "orgUnit": commune, "value": "77"}
assert requests.post(base + "/api/dataValueSets", json={"dataValues": [value]}, auth=("canbo", password)).json()["status"] == "OK"
done = client.download_dataset_values("values.db", [dataset], [code["10.6"]], ["nd09q-2026-4"], [commune])
assert done["Yes"] and not done["Failed"] and not done["Skipped"], done
rows = sqlite3.connect("values.db").execute("select dx, pe, ou, value from data").fetchall()
assert rows == [(code["10.6"], "nd09q-2026-4", commune, "77")], rows
