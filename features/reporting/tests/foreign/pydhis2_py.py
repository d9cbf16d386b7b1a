"""pydhis2: asynchronous pushes, pulls and analytics into data frames."""
import asyncio
import sys

import pandas
from pydhis2 import DHIS2Config
from pydhis2.core.client import AsyncDHIS2Client
from pydhis2.core.types import AnalyticsQuery

base, password = sys.argv[1:3]


async def main():
    config = DHIS2Config(base_url=base, auth=("canbo", password), enable_cache=False, max_retries=1)
    async with AsyncDHIS2Client(config) as client:
        me = await client.get("/api/me")
        assert me["name"], me
        units = (await client.get("/api/organisationUnits", params={"filter": "code:eq:01969", "fields": "id"}))["organisationUnits"]
        commune = units[0]["id"]
        elements = (await client.get("/api/dataElements", params={"filter": "code:eq:10.6", "fields": "id"}))["dataElements"]
        element = elements[0]["id"]
        frame = pandas.DataFrame([{"dataElement": element, "period": "nd09q-2026-4", "orgUnit": commune, "value": 64}])
        summary = await client.datavaluesets.push(frame)
        assert summary.imported == 1 and not summary.has_conflicts, summary.raw_data
        pulled = await client.datavaluesets.pull(data_set="diem-ho-tro", org_unit=commune, period="nd09q-2026-4")
        assert list(pulled["value"]) == [64], pulled
        query = AnalyticsQuery(dx=[element], ou="USER_ORGUNIT", pe="nd09q-2026-4")
        rows = await client.analytics.raw(query)
        assert rows["rows"][0][-1] == "64", rows
        table = await client.analytics.to_pandas(query)
        assert list(table["value"]) == [64], table


asyncio.run(main())
