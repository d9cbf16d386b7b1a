"""sdmx1: the structure of a dataflow, a key that it checks against that structure, and the figures."""
import sys

import requests
import sdmx

base, password = sys.argv[1:3]
auth = ("canbo", password)
commune = requests.get(base + "/api/organisationUnits?filter=code:eq:01969&fields=id", auth=auth).json()["organisationUnits"][0]["id"]
values = [
    {"dataElement": "10.6", "period": "nd09q-2026-4", "orgUnit": commune, "value": "198"},
    {"dataElement": "10.6", "period": "nd09q-2026-4", "orgUnit": commune, "value": "90", "categoryOptionCombo": "gt=nu"},
]
assert requests.post(base + "/api/dataValueSets", json={"dataValues": values}, auth=auth).json()["status"] == "OK"

sdmx.add_source({"id": "NHIPCAU", "url": base + "/sdmx", "name": "Nhịp Cầu"})
client = sdmx.Client("NHIPCAU")
client.session.auth = auth
message = client.dataflow("diem-ho-tro")
structure = message.structure["DSD_diem-ho-tro"]
dimensions = [dimension.id for dimension in structure.dimensions.components]
assert dimensions[:2] == ["REF_AREA", "INDICATOR"] and dimensions[-1] == "TIME_PERIOD", dimensions
codes = message.codelist["CL_INDICATOR"]
assert "10_6" in codes.items and codes["10_6"].name.localized_default("vi"), codes

data = client.data("diem-ho-tro", key={"REF_AREA": "01969_2025", "INDICATOR": "10_6"}, dsd=structure)
figures = sdmx.to_pandas(data)
assert sorted(figures) == [90.0, 198.0], figures
assert set(figures.index.get_level_values("GT")) == {"_T", "nu"}, figures
none = sdmx.to_pandas(client.data("diem-ho-tro", key={"INDICATOR": "10_6"}, dsd=structure, params={"startPeriod": "2030"}))
assert len(none) == 0, none

csv = requests.get(base + "/sdmx/data/diem-ho-tro/all", auth=auth, headers={"Accept": "application/vnd.sdmx.data+csv"})
assert csv.text.splitlines()[0].startswith("DATAFLOW,REF_AREA,INDICATOR"), csv.text
# Nothing was approved, so there is nothing for those who do not sign in.
public = requests.get(base + "/sdmx/data/diem-ho-tro/all")
assert public.status_code == 200 and "gen:Series" not in public.text, public.text
