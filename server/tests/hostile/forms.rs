//! Every form of the site with fields that a person might fill in.

use super::{ADMINISTRATOR, EDITOR, KEEPER, OFFICER};

/// A form: who sends it where, and every field with a value that would do.
pub struct Form {
    pub who: &'static str,
    pub path: String,
    pub fields: Vec<(&'static str, String)>,
}

// Long because it is a list: one entry for every form of the site.
pub fn forms(names: &std::collections::BTreeMap<&'static str, String>) -> Vec<Form> {
    let form = |who, path: &str, fields: &[(&'static str, &str)]| Form {
        who,
        path: path.to_owned(),
        fields: fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
    };
    let (commune, village) = (names["commune"].as_str(), names["village"].as_str());
    let today = names["today"].as_str();
    let item = format!("{}:1", names["public"]);
    vec![
        form(EDITOR, "/bien-tap/moi", &[("title", "Tin"), ("kind", "news"), ("home", "vn")]),
        form(
            EDITOR,
            &format!("/bien-tap/{}", names["draft"]),
            &[
                ("revision", "1"),
                ("title", "Tin"),
                ("summary", "Tóm tắt"),
                ("body", "Nội dung"),
                ("kind", "news"),
                ("areas", commune),
                ("area_query", ""),
                ("themes", "cdcs"),
                ("audiences", "people"),
                ("languages", "vi"),
                ("other_languages", "tyz"),
                ("source_name", "Báo"),
                ("source_url", "https://vi.example/"),
                ("source_date", today),
                ("document_number", "1/QĐ"),
                ("document_authority", "UBND"),
                ("document_issued", today),
                ("document_effective", today),
                ("document_subject", "Về việc"),
                ("expires", "2027-01-01"),
                ("uses", ""),
                ("then", "preview"),
            ],
        ),
        form(
            EDITOR,
            &format!("/bien-tap/{}/ban-dich/tyz", names["draft"]),
            &[
                ("title", "Tin"),
                ("summary", ""),
                ("body", "Chữ"),
                ("base", "0"),
                ("uses", ""),
                ("then", "save"),
            ],
        ),
        form(
            "approver|approver|/vn/",
            &format!("/bien-tap/{}/duyet", names["waiting"]),
            &[("revision", "999"), ("publish_day", today), ("publish_time", "07:00")],
        ),
        form(
            "approver|approver|/vn/",
            &format!("/bien-tap/{}/go", names["withdrawn"]),
            &[("reason", "")],
        ),
        form(OFFICER, &format!("/dia-ban/{commune}/thon"), &[("kind", "thon"), ("name", "Nà Tu")]),
        form(
            OFFICER,
            &format!("/dia-ban/{village}/dan-so"),
            &[("on", today), ("people", "100"), ("households", "20"), ("source", "Trưởng thôn")],
        ),
        form(
            OFFICER,
            "/nguoi-co-uy-tin/them",
            &[
                ("xa", commune),
                ("name", "Hoàng Văn Thụ"),
                ("village", village),
                ("gender", "nam"),
                ("birth_year", "1960"),
                ("ethnic_group", "Dao"),
                ("standing", ""),
                ("languages", "vi"),
                ("phone", "0912345678"),
                ("from", "2025-03-01"),
                ("consents", "ethnic_group"),
            ],
        ),
        form(
            OFFICER,
            "/nguoi-co-uy-tin/nhap-danh-sach",
            &[("xa", commune), ("list", "Hoàng Văn Thụ\tNà Ít"), ("from", "2025-03-01")],
        ),
        form(
            OFFICER,
            &format!("/nguoi-co-uy-tin/{}/dua-ra", names["person2"]),
            &[("until", "x"), ("reason", "qua_doi")],
        ),
        form(
            KEEPER,
            "/hop-thon/moi",
            &[
                ("xa", commune),
                ("village", village),
                ("held_on", today),
                ("language", "vi"),
                ("head_count", "20"),
                ("items", &item),
                ("people", "1"),
                ("witness", "Bà Liên"),
                ("witness_standing", "Trưởng thôn"),
                ("note", "Hỏi về vay vốn"),
            ],
        ),
        form(
            ADMINISTRATOR,
            "/quan-tri/tai-khoan/moi",
            &[
                ("username", "nguoi.moi"),
                ("name", "Người Mới"),
                ("place", "01969"),
                ("place_choice", ""),
                ("place_before", ""),
                ("role", "keeper"),
                ("until", ""),
            ],
        ),
        form(
            ADMINISTRATOR,
            &format!("/quan-tri/tai-khoan/{}/vai-tro", names["account"]),
            &[("role", "keeper"), ("place", "01969"), ("from", ""), ("until", "")],
        ),
        form(
            "",
            "/dang-nhap",
            &[("username", "ai"), ("password", "do"), ("tiep", "/"), ("giu.title", "x")],
        ),
        form(ADMINISTRATOR, "/diem/ma", &[("commune", "01969")]),
        form(
            "",
            &format!("/kiot/xac-nhan/{}", names["public"]),
            &[("cach", "the"), ("mo", "x"), ("card", "1")],
        ),
    ]
}
