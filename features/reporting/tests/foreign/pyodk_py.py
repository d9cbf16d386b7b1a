"""pyodk against the site: signs in, lists forms, sends a submission with a picture, edits it, comments, reads it back."""

import re
import sys
import tempfile
from pathlib import Path

from pyodk.client import Client
from pyodk.errors import PyODKError

base, password = sys.argv[1:3]
folder = Path(tempfile.mkdtemp())
config = folder / "config.toml"
config.write_text(
    f'[central]\nbase_url = "{base}"\nusername = "canbo"\npassword = "{password}"\ndefault_project_id = 1\n'
)
client = Client(config_path=config, cache_path=folder / "cache.toml")
client.open()

projects = client.projects.list()
assert [one.id for one in projects] == [1], projects
forms = {one.xmlFormId: one for one in client.forms.list()}
assert "diem-ho-tro" in forms, sorted(forms)
form = client.forms.get("diem-ho-tro")
assert (form.version, form.state) == ("1", "open"), form
xform = client.get("projects/1/forms/diem-ho-tro.xml").text
path = re.search(r'nodeset="/data/([^"]*c_10\.6)"', xform).group(1)
group, row, cell = path.split("/")


def instance(own, earlier, amount, picture=""):
    deprecated = f"<deprecatedID>{earlier}</deprecatedID>" if earlier else ""
    files = f"<s_minhchung><tep>{picture}</tep><chuthich>Lớp học</chuthich></s_minhchung>" if picture else ""
    return (
        f'<data id="diem-ho-tro" version="1"><baocao>nd09q-2026-4.01969.2025.f</baocao>'
        f"<{group}><{row}><{cell}>{amount}</{cell}></{row}></{group}>{files}"
        f"<meta><instanceID>{own}</instanceID>{deprecated}</meta></data>"
    )


first, second = (f"uuid:85cb9aff-005e-4edd-9739-dc9c1a829c4{n}" for n in (1, 2))
picture = folder / "lop.jpg"
picture.write_bytes(bytes([0xFF, 0xD8, 0xFF, 0xE0, 0, 16]))
sent = client.submissions.create(
    xml=instance(first, "", 198, "lop.jpg"), form_id="diem-ho-tro", device_id="phone", attachments=[picture]
)
assert (sent.instanceId, sent.deviceId) == (first, "phone"), sent
assert [(one.name, one.exists) for one in sent.attachments] == [("lop.jpg", True)], sent
client.submissions.create(xml=instance(first, "", 198, "lop.jpg"), form_id="diem-ho-tro")
client.submissions.edit(first, form_id="diem-ho-tro", xml=instance(second, first, 200, "lop.jpg"), comment="Đếm lại theo sổ")
try:
    client.submissions.create(xml=instance(second, first, 7), form_id="diem-ho-tro")
    raise AssertionError("the same id with other content was taken")
except PyODKError as error:
    assert "409" in str(error), error
listed = client.submissions.list(form_id="diem-ho-tro")
assert [(one.instanceId, one.reviewState) for one in listed] == [(first, "edited")], listed
assert client.submissions.get(first, form_id="diem-ho-tro").instanceId == first
comments = client.submissions.list_comments(first, form_id="diem-ho-tro")
assert [one.body for one in comments] == ["Đếm lại theo sổ"], comments
table = client.submissions.get_table(form_id="diem-ho-tro", count=True)
assert table["@odata.count"] == 1 and table["value"][0][group][row][cell] == "200", table
try:
    client.submissions.review(first, form_id="diem-ho-tro", review_state="approved")
    raise AssertionError("a report that was not handed in was approved")
except PyODKError as error:
    assert "409" in str(error), error
try:
    client.submissions.review(first, form_id="diem-ho-tro", review_state="rejected")
    raise AssertionError("a report that was not handed in was given back")
except PyODKError as error:
    assert "409" in str(error), error
print("pyodk: done")
