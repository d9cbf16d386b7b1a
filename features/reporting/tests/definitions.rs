//! Definitions as officials make them: programmes, indicators, data elements, targets. New versions with author
//! and reason, two pairs of eyes for targets, tables of targets, and nothing changed unseen.

mod tables;

use std::fmt::Write;

use kernel::problem::FORBIDDEN;
use reporting::{
    actions::{
        catalogue,
        define::{self, Said, country, target_sheet::Brought},
    },
    model::IndicatorId,
};
use testkit::{Kit, Page, caller, html};

use crate::cast::{COMMUNE, edit, officer, started, typed, which};

const MINISTRY: &str = "Vụ|programme_officer|/vn/";
const SECOND: &str = "Thu|programme_officer|/vn/";
const PROVINCE: &str = "Dung|programme_officer|/vn/19.2025/";
const PROVINCE_LEADER: &str = "Bình|province_leader|/vn/19.2025/";
const OFFICER: &str = "Mai|commune_officer|/vn/19.2025/01969.2025/";
const HERE: &str = "/so-lieu/danh-muc";

/// A page's text; slashes are escaped in it.
fn read(page: &Page) -> String {
    page.text.replace("&#x2f;", "/")
}

/// The fields of the form of a page, as a browser would send them.
fn fields(page: &Page, names: &[&str]) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for name in names {
        if let Some(value) = html::field(&page.text, name) {
            all.push(((*name).to_owned(), value));
        }
    }
    all
}

async fn send(kit: &Kit, who: &str, path: &str, fields: &[(String, String)]) -> Page {
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    kit.post(who, path, &fields).await
}

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn indicator(
    version: &str,
    numerator: &str,
    denominator: &str,
    reason: &str,
) -> Vec<(String, String)> {
    pairs(&[
        ("phien-ban", version),
        ("ma", "THU-nu"),
        ("ten", "Tỷ lệ nữ dùng điểm hỗ trợ"),
        ("khai-niem", "Nữ trong số lượt người dùng"),
        ("don-vi", "phan-tram"),
        ("thap-phan", "1"),
        ("tu-so", numerator),
        ("mau-so", denominator),
        ("can-cu", "derived"),
        ("ly-do", reason),
    ])
}

fn target(year: &str, value: &str, area: &str, reason: &str) -> Vec<(String, String)> {
    pairs(&[
        ("phien-ban", "0"),
        ("chi-tieu", "MT02"),
        ("dia-ban", area),
        ("nam", year),
        ("so-sanh", "at-least"),
        ("gia-tri", value),
        ("can-cu", "derived"),
        ("van-ban", "Kế hoạch 12/KH"),
        ("ly-do", reason),
    ])
}

testkit::on_both_engines! {
    async fn everybody_reads_what_is_defined_and_finds_it_by_name_code_and_programme(builder: KitBuilder) {
        let kit = started(builder).await;
        let list = kit.get("", HERE).await;
        assert_eq!(list.status, 200);
        for programme in ["1719", "giai đoạn 2021–2030", "2026"] {
            assert!(read(&list).contains(programme), "{programme}");
        }
        let found = kit.get("", &format!("{HERE}?loai=chi-tieu&q=ho+ngheo&nut=1719")).await;
        assert!(read(&found).contains("MT02") && !read(&found).contains("N02"), "within its programme");
        for path in ["chi-tieu/MT02", "so-lieu/10.6", "chuong-trinh/1719.da1", "muc-tieu/MT02.2025", "chi-tieu/TD-diem", "chi-tieu/MT02/ban/1"] {
            let page = kit.get("", &format!("{HERE}/{path}")).await;
            assert_eq!(page.status, 200, "{path}");
            assert!(html::broken(&page.text, "vi").is_empty(), "{path}: {:?}", html::broken(&page.text, "vi"));
            assert!(!page.text.contains("<form class=\"form\""), "{path}: nobody may change it");
        }
        let memory = kit.get("", &format!("{HERE}/chi-tieu/MT03")).await;
        assert!(memory.text.contains("chưa đối chiếu văn bản gốc"), "what is from memory says so");
        assert_eq!(kit.get("", &format!("{HERE}/chi-tieu/KHONG")).await.status, 404);
        assert_eq!(kit.get("", &format!("{HERE}/khac/MT02")).await.status, 404);
    }

    async fn an_indicator_is_tried_kept_changed_and_its_old_versions_stay(builder: KitBuilder) {
        let kit = started(builder).await;
        let whose = which(COMMUNE);
        typed(&kit, &officer(&kit), &whose, vec![edit("10.6", 0, 200), edit("10.6:gt=nu", 0, 50)]).await;
        let new = format!("{HERE}/chi-tieu/moi/sua");
        let form = kit.get(MINISTRY, &new).await;
        assert_eq!(form.status, 200);
        assert!(html::broken(&form.text, "vi").is_empty(), "{:?}", html::broken(&form.text, "vi"));
        // Refused where it is wrong, with everything typed still there.
        let wrong = send(&kit, MINISTRY, &new, &indicator("0", "[10.6{gt=nu}", "[10.6]", "Cần theo dõi")).await;
        assert_eq!(wrong.status, 422);
        assert_eq!(html::field(&wrong.text, "ten").as_deref(), Some("Tỷ lệ nữ dùng điểm hỗ trợ"));
        // Tried before it is kept.
        let mut fields = indicator("0", "[10.6{gt=nu}]", "[10.6]", "");
        fields.extend(pairs(&[("buoc", "thu"), ("thu-dia-ban", "19.2025"), ("thu-ky", "nd09q-2026-4")]));
        let tried = send(&kit, MINISTRY, &new, &fields).await;
        assert_eq!(tried.status, 200);
        assert!(tried.text.contains("25 %"), "50 of 200");
        let mut named = indicator("0", "[10.6{gt=nu}]", "[10.6]", "");
        named.extend(pairs(&[("buoc", "thu"), ("thu-dia-ban", "tinh thai nguyen"), ("thu-ky", "nd09q-2026-4")]));
        assert!(send(&kit, MINISTRY, &new, &named).await.text.contains("25 %"), "the place by its name");
        let mut elsewhere = indicator("0", "[10.6{gt=nu}]", "[10.6]", "");
        elsewhere.extend(pairs(&[("buoc", "thu"), ("thu-dia-ban", "xã Không Có"), ("thu-ky", "nd09q-2026-4")]));
        let elsewhere = send(&kit, MINISTRY, &new, &elsewhere).await;
        assert!(elsewhere.status == 422 && elsewhere.text.contains("[10.6{gt=nu}]"), "the formula stays");
        let known = catalogue::current(&kit.app).await.expect("read");
        assert!(!known.indicators.contains_key(&IndicatorId::parse("THU-nu").expect("a code")), "only tried");
        // Without a reason nothing is kept.
        let silent = send(&kit, MINISTRY, &new, &indicator("0", "[10.6{gt=nu}]", "[10.6]", "")).await;
        assert_eq!(silent.status, 422);
        let kept = send(&kit, MINISTRY, &new, &indicator("0", "[10.6{gt=nu}]", "[10.6]", "Cần theo dõi")).await;
        assert_eq!((kept.status, kept.location()), (303, "/so-lieu/danh-muc/chi-tieu/THU-nu"));
        // The same code again is taken.
        let twice = send(&kit, MINISTRY, &new, &indicator("0", "[10.6{gt=nu}]", "[10.6]", "Lại")).await;
        assert_eq!(twice.status, 422);
        // Old and new side by side on the figures as they are.
        let change = format!("{HERE}/chi-tieu/THU-nu/sua");
        let mut fields = indicator("1", "[10.6] - [10.6{gt=nu}]", "[10.6]", "Đổi chiều");
        fields.extend(pairs(&[("buoc", "thu"), ("thu-dia-ban", "19.2025"), ("thu-ky", "nd09q-2026-4")]));
        let tried = send(&kit, MINISTRY, &change, &fields).await;
        assert!(tried.text.contains("25 %") && tried.text.contains("75 %"), "both are shown");
        let changed = send(&kit, MINISTRY, &change, &indicator("1", "[10.6] - [10.6{gt=nu}]", "[10.6]", "Đổi chiều")).await;
        assert_eq!(changed.status, 303);
        // Who saw version 1 is told what changed since, and keeps what they typed.
        let stale = send(&kit, SECOND, &change, &indicator("1", "[10.6{gt=nu}] * 2", "[10.6]", "Thử")).await;
        assert_eq!(stale.status, 422);
        assert!(stale.text.contains("Vụ đã lưu bản 2"), "who was faster");
        assert_eq!(html::field(&stale.text, "phien-ban").as_deref(), Some("2"));
        let sheet = read(&kit.get("", &format!("{HERE}/chi-tieu/THU-nu")).await);
        for words in ["Đổi chiều", "Cần theo dõi", "[10.6{gt=nu}]", "Vụ", "Bản 2"] {
            assert!(sheet.contains(words), "{words}");
        }
        let old = read(&kit.get("", &format!("{HERE}/chi-tieu/THU-nu/ban/1")).await);
        assert!(old.contains("Đây là bản 1, bản đang dùng là bản 2"));
        assert_eq!(kit.get("", &format!("{HERE}/chi-tieu/THU-nu/ban/9")).await.status, 404);
        // The analysis computes with the version in force.
        let source = kit.get(MINISTRY, "/so-lieu/nguon?dx=*THU-nu&ky=nd09q-2026-4&o=19.2025").await;
        assert!(source.text.contains("75"), "from the new formula");
    }

    async fn nobody_else_defines_and_nobody_describes_what_the_platform_counts(builder: KitBuilder) {
        let kit = started(builder).await;
        let change = format!("{HERE}/chi-tieu/MT02/sua");
        for who in [OFFICER, PROVINCE, PROVINCE_LEADER, "Xa|editor|/vn/"] {
            assert_eq!(kit.get(who, &change).await.status, 403, "{who}");
            assert_eq!(send(&kit, who, &change, &indicator("1", "[10.6]", "", "Thử")).await.status, 403, "{who}");
        }
        let ministry = caller("Vụ", "programme_officer", "/vn/");
        let known = catalogue::current(&kit.app).await.expect("read");
        let said = Said { seen: 1, reason: "Thử".to_owned() };
        let own = known.indicators.get(&IndicatorId::parse("TD-diem").expect("a code")).expect("it ships");
        let refused = define::keep_indicator(&kit.app, &ministry, own, &said).await.expect_err("ours");
        assert!(refused.is(&define::COMPUTED_HERE));
        let counted = known.elements.values().find(|one| one.code.as_str() == "td.diem").expect("it ships");
        let refused = define::keep_element(&kit.app, &ministry, counted, &said).await.expect_err("ours");
        assert!(refused.is(&define::COMPUTED_HERE));
        let elsewhere = caller("Hà", "programme_officer", "/vn/1.2025/");
        let other = known.indicators.values().next().expect("some");
        let refused = define::keep_indicator(&kit.app, &elsewhere, other, &said).await.expect_err("a province");
        assert!(refused.is(&FORBIDDEN));
    }

    async fn an_element_with_figures_keeps_its_unit_and_may_change_its_name(builder: KitBuilder) {
        let kit = started(builder).await;
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.6", 0, 200)]).await;
        let known = catalogue::current(&kit.app).await.expect("read");
        let code = reporting::model::ElementId::parse("10.6").expect("a code");
        let one = known.elements.get(&code).expect("it ships");
        let path = format!("{HERE}/so-lieu/10.6/sua");
        let mut fields = pairs(&[
            ("phien-ban", "1"), ("ten", "Lượt người dùng điểm"), ("don-vi", &one.unit), ("thap-phan", "0"),
            ("cong-don", one.law.code()), ("can-cu", "derived"), ("ly-do", "Tên rõ hơn"),
        ]);
        fields.extend(one.dimensions.iter().map(|one| ("phan-to".to_owned(), one.clone())));
        let kept = send(&kit, MINISTRY, &path, &fields).await;
        assert_eq!(kept.status, 303, "{}", kept.text);
        fields[0].1 = String::from("2");
        fields[2].1 = String::from("luot");
        let refused = send(&kit, MINISTRY, &path, &fields).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text.contains("Hãy lập số liệu mới với mã mới"));
        let entry = kit.get(OFFICER, "/bao-cao/diem-ho-tro/nd09q-2026-4/01969.2025/chinh-thuc").await;
        assert!(entry.text.contains("Lượt người dùng điểm"), "the form shows the new name");
    }

    async fn a_target_is_proposed_by_one_and_approved_by_another(builder: KitBuilder) {
        let kit = started(builder).await;
        let new = format!("{HERE}/muc-tieu/moi/sua");
        let proposed = send(&kit, PROVINCE, &new, &target("2027", "3,5", "19.2025", "Phấn đấu")).await;
        assert_eq!(proposed.status, 303, "{}", proposed.text);
        let place = proposed.location().to_owned();
        assert_eq!(place, "/so-lieu/danh-muc/muc-tieu/MT02.2027.19.2025");
        let form = kit.get(PROVINCE, &new).await;
        assert!(html::broken(&form.text, "vi").is_empty(), "{:?}", html::broken(&form.text, "vi"));
        assert_eq!(html::field(&form.text, "dia-ban").as_deref(), Some("Tỉnh Thái Nguyên"), "their own place is proposed");
        // Not for the country, nor for another province.
        let nation = send(&kit, PROVINCE, &new, &target("2027", "4", "", "Thử")).await;
        assert!(nation.status == 422 && read(&nation).contains("Kế hoạch 12/KH"), "what was typed stays");
        for area in ["", "1.2025"] {
            assert_ne!(send(&kit, PROVINCE, &new, &target("2027", "4", area, "Thử")).await.status, 303, "{area}");
        }
        // What nobody can read stays in its field.
        let named = send(&kit, PROVINCE, &new, &target("2027", "4", "xã Không Có", "Thử")).await;
        assert!(named.status == 422 && read(&named).contains("value=\"xã Không Có\""), "{}", read(&named));
        let mut quarter = target("2027", "4", "19.2025", "Thử");
        quarter.extend(pairs(&[("ky", "quý 3")]));
        let quarter = send(&kit, PROVINCE, &new, &quarter).await;
        assert!(quarter.status == 422 && read(&quarter).contains("Chưa rõ kỳ nào"), "{}", read(&quarter));
        assert!(read(&kit.get("", &place).await).contains("Đề xuất, chờ duyệt"));
        let decide = format!("{place}/quyet");
        let word = |step: &str, seen: &str| pairs(&[("buoc", step), ("phien-ban", seen), ("ly-do", "Đã xem xét")]);
        let own = send(&kit, PROVINCE, &decide, &word("duyet", "1")).await;
        assert_eq!(own.status, 403, "two pairs of eyes");
        let elsewhere = send(&kit, "Hà|province_leader|/vn/1.2025/", &decide, &word("duyet", "1")).await;
        assert_eq!(elsewhere.status, 403);
        let unseen = send(&kit, PROVINCE_LEADER, &decide, &word("duyet", "9")).await;
        assert_eq!(unseen.status, 422, "another version than was seen");
        let page = kit.get(PROVINCE_LEADER, &place).await;
        let seen = fields(&page, &["phien-ban"]);
        assert_eq!(seen.first().map(|one| one.1.as_str()), Some("1"));
        assert_eq!(send(&kit, PROVINCE_LEADER, &decide, &word("duyet", "1")).await.status, 303);
        assert_eq!(send(&kit, PROVINCE_LEADER, &decide, &word("duyet", "2")).await.status, 409, "decided already");
        // A new proposal for the same thing leaves the approved one until it is approved itself.
        assert_eq!(send(&kit, PROVINCE, &new, &target("2027", "5", "19.2025", "Nâng lên")).await.status, 303);
        let known = catalogue::current(&kit.app).await.expect("read");
        let of = |approved: bool| known.targets.iter().filter(|one| one.area == "19.2025" && one.approved == approved).count();
        assert_eq!((of(true), of(false)), (1, 1), "both stand side by side");
        let shown = kit.get(PROVINCE_LEADER, "/so-lieu/muc-tieu?dx=*MT02&o=19.2025").await;
        for words in ["năm 2027, đã duyệt", "năm 2027, mới đề xuất"] {
            assert!(shown.text.contains(words), "{words}");
        }
        let second = format!("{place}-2/quyet");
        assert_eq!(send(&kit, PROVINCE_LEADER, &second, &word("duyet", "1")).await.status, 303);
        let known = catalogue::current(&kit.app).await.expect("read");
        let standing: Vec<&str> = known.targets.iter().filter(|one| one.area == "19.2025").map(|one| one.id.as_str()).collect();
        assert_eq!(standing, ["MT02.2027.19.2025-2"], "the first holds no longer");
        let first = read(&kit.get("", &place).await);
        assert!(first.contains("Không còn áp dụng") && first.contains("Bản 3"), "and stays readable");
    }

    async fn places_and_periods_of_targets_are_written_and_shown_as_people_call_them(builder: KitBuilder) {
        let kit = started(builder).await;
        let new = format!("{HERE}/muc-tieu/moi/sua");
        let asked = |area: &str, period: &str| {
            let mut all = target("2027", "4", area, "Giao chỉ tiêu");
            all.extend(pairs(&[("ky", period)]));
            all
        };
        // A name that several communes have is asked about, and what was typed stays.
        let several = send(&kit, MINISTRY, &new, &asked("Tân Lập", "")).await;
        let text = read(&several);
        assert!(several.status == 422 && text.contains("name=\"dia-ban_choice\" value=\"/vn/"), "{text}");
        assert!(text.contains("value=\"Tân Lập\"") && text.contains("Kế hoạch 12/KH"));
        // The province's officer names a commune without marks.
        let words = "Quý III/2027 (15/6 – 14/9/2027)";
        let kept = send(&kit, PROVINCE, &new, &asked("xa phu thong", words)).await;
        assert_eq!(kept.status, 303, "{}", read(&kept));
        let sheet = read(&kit.get("", kept.location()).await);
        assert!(sheet.contains("Xã Phủ Thông, tỉnh Thái Nguyên") && sheet.contains(words), "{sheet}");
        let list = read(&kit.get("", &format!("{HERE}?loai=muc-tieu&q=phu+thong")).await);
        assert!(list.contains("Xã Phủ Thông, tỉnh Thái Nguyên"), "{list}");
        let indicator = read(&kit.get("", &format!("{HERE}/chi-tieu/MT02")).await);
        assert!(indicator.contains("Xã Phủ Thông, tỉnh Thái Nguyên"), "{indicator}");
        // The form to change it shows names, and what it shows is read back.
        let change = format!("{}/sua", kept.location());
        let form = kit.get(PROVINCE, &change).await;
        assert!(read(&form).contains("Xã Phủ Thông, tỉnh Thái Nguyên") && read(&form).contains("MT02 –"));
        assert_eq!(html::field(&form.text, "ky").as_deref(), Some(words));
        let again = send(&kit, PROVINCE, &change, &pairs(&[
            ("phien-ban", "1"), ("nam", "2027"), ("ky", words), ("so-sanh", "at-least"), ("gia-tri", "5"),
            ("can-cu", "derived"), ("ly-do", "Nâng lên"),
        ])).await;
        assert_eq!(again.status, 303, "{}", read(&again));
        // A campaign and a day are not read by their names: the form keeps what saves unchanged.
        for period in ["campaign-20270301-20270331", "day-2027-03-01"] {
            let kept = send(&kit, PROVINCE, &new, &asked("xa phu thong", period)).await;
            assert_eq!(kept.status, 303, "{}", read(&kept));
            let change = format!("{}/sua", kept.location());
            let form = kit.get(PROVINCE, &change).await;
            let shown = html::field(&form.text, "ky").expect("the field");
            let again = send(&kit, PROVINCE, &change, &pairs(&[
                ("phien-ban", "1"), ("nam", "2027"), ("ky", &shown), ("so-sanh", "at-least"), ("gia-tri", "5"),
                ("can-cu", "derived"), ("ly-do", "Nâng lên"),
            ])).await;
            assert_eq!((again.status, shown.as_str()), (303, period), "{}", read(&again));
        }
        // The name alone is of two schemes; where it is not known which, both are told.
        let which = send(&kit, PROVINCE, &new, &asked("tỉnh Thái Nguyên", "Quý III/2027")).await;
        let told = read(&which);
        assert!(which.status == 422 && told.contains("15/6 – 14/9/2027") && told.contains("1/7 – 30/9/2027"), "{told}");
    }

    async fn a_percentage_of_a_workbook_is_read_as_it_is_shown(builder: KitBuilder) {
        let kit = started(builder).await;
        let ministry = caller("Vụ", "programme_officer", "/vn/");
        let rows: [(&str, &str, u16, &str, f64, bool); 7] = [
            ("MT03", "tỉnh Thái Nguyên", 2027, "", 0.75, true),
            ("MT03", "tinh thai nguyen", 2028, "", 0.07, true),
            ("MT03", "cả nước", 2027, "", 0.75, false),
            ("MT03", "Xã Phủ Thông, tỉnh Thái Nguyên", 2027, "Quý III/2027 (1/7 – 30/9/2027)", 0.125, true),
            ("N05a", "tỉnh Thái Nguyên", 2027, "", 0.75, true),
            ("MT03", "Xã Không Có", 2027, "", 0.75, true),
            ("MT03", "Xã Phú Thông", 2027, "", 0.75, true),
        ];
        let book = |rows: &[(&str, &str, u16, &str, f64, bool)]| {
            let mut book = rust_xlsxwriter::Workbook::new();
            let percent = rust_xlsxwriter::Format::new().set_num_format("0.0 %");
            let sheet = book.add_worksheet();
            for (column, name) in (0..).zip(["Mã chỉ tiêu", "Địa bàn", "Năm", "Kỳ", "Giá trị", "Giá trị gốc"]) {
                sheet.write_string(0, column, name).expect("a heading");
            }
            for (row, (code, area, year, period, value, is_percent)) in (1..).zip(rows) {
                sheet.write_string(row, 0, *code).expect("a cell");
                sheet.write_string(row, 1, *area).expect("a cell");
                sheet.write_number(row, 2, *year).expect("a cell");
                sheet.write_string(row, 3, *period).expect("a cell");
                let written = if *is_percent { sheet.write_number_with_format(row, 4, *value, &percent) } else { sheet.write_number(row, 4, *value) };
                written.expect("a cell");
                sheet.write_number_with_format(row, 5, 0.5, &percent).expect("a cell");
            }
            Brought::file(book.save_to_buffer().expect("a workbook"))
        };
        let look = define::target_sheet::look(&kit.app, &ministry, &book(&rows)).await.expect("it is looked at");
        let told: Vec<(&str, &str)> = look.troubles.iter().map(|one| (one.at.as_str(), one.key)).collect();
        assert_eq!(told, [
            ("E6", "reporting-amount-other-unit"),
            ("F6", "reporting-amount-other-unit"),
            ("B7", "reporting-target-sheet-no-area"),
            ("B8", "reporting-target-sheet-no-area"),
        ], "{:?}", look.troubles);
        let goals = |look: &define::target_sheet::Look| -> Vec<(String, String)> {
            let goal = |target: &reporting::model::target::Target| match &target.goal {
                reporting::model::target::Goal::Compare { value, .. } => value.clone(),
                _ => String::new(),
            };
            look.fresh.iter().map(|(_, _, one)| (goal(one), one.baseline.as_ref().map_or_else(String::new, |base| base.value.clone()))).collect()
        };
        let expected: Vec<(String, String)> =
            ["75", "7", "0.75", "12.5"].iter().map(|value| ((*value).to_owned(), "50".to_owned())).collect();
        assert_eq!(goals(&look), expected);
        assert_eq!(look.fresh[3].2.period.as_deref(), Some("q-2027-3"));
        // What travels in the page says the same.
        let good = define::target_sheet::look(&kit.app, &ministry, &book(&rows[..4])).await.expect("it is looked at");
        let text = Brought { bytes: good.text.clone().into_bytes() };
        let again = define::target_sheet::look(&kit.app, &ministry, &text).await.expect("it is looked at");
        assert_eq!((goals(&again), again.text), (expected, good.text));
    }

    async fn a_table_of_targets_is_looked_at_first_and_proposed_whole_or_not_at_all(builder: KitBuilder) {
        let kit = started(builder).await;
        let ministry = caller("Vụ", "programme_officer", "/vn/");
        let table = |rows: &str| Brought::file(format!("Mã chỉ tiêu;Mã địa bàn;Năm;So sánh;Giá trị;Đến;Căn cứ\n{rows}").into_bytes());
        let wrong = table("MT02;19.2025;2027;≥;3,5;;KH 12\nKHONG;19.2025;2027;;1;;\nMT02;99.2025;2027;;1;;\nMT02;;hai nghìn;;1;;\nMT02;01969.2025;2027;;ba;;\n\nMT02;19.2025;2027;;4;;\nMT02;01942.2025;2027;;3;2;\n");
        let look = define::target_sheet::look(&kit.app, &ministry, &wrong).await.expect("it is looked at");
        let told: Vec<(&str, &str)> = look.troubles.iter().map(|one| (one.at.as_str(), one.key)).collect();
        assert_eq!(told, [
            ("A3", "reporting-target-sheet-no-indicator"),
            ("B4", "reporting-target-sheet-no-area"),
            ("C5", "reporting-definition-year"),
            ("E6", "reporting-amount-not-number"),
            ("A8", "reporting-target-sheet-twice"),
            ("F9", "reporting-definition-range"),
        ]);
        let refused = define::target_sheet::propose_all(&kit.app, &ministry, &wrong, "Giao chỉ tiêu").await;
        assert!(refused.expect("it is read").is_err(), "nothing of it is written");
        let good = table("MT02;19.2025;2027;≥;3,5;;KH 12\nMT02;01969.2025;2027;;2;3;KH 12\nMT02;;2025;>;3;;Quyết định số 1719/QĐ-TTg ngày 14/10/2021\n");
        let look = define::target_sheet::look(&kit.app, &ministry, &good).await.expect("it is looked at");
        assert_eq!((look.fresh.len(), look.same, look.troubles.len()), (2, 1, 0));
        // What travels in the page says the same.
        let again = Brought { bytes: look.text.clone().into_bytes() };
        let count = define::target_sheet::propose_all(&kit.app, &ministry, &again, "Giao chỉ tiêu").await.expect("read").expect("clean");
        assert_eq!(count, 2);
        let known = catalogue::current(&kit.app).await.expect("read");
        let mine: Vec<_> = known.targets.iter().filter(|one| one.year == 2027 && one.indicator.as_str() == "MT02").collect();
        assert!(mine.len() == 2 && mine.iter().all(|one| !one.approved));
        // Again: the proposals say it already.
        let look = define::target_sheet::look(&kit.app, &ministry, &good).await.expect("it is looked at");
        assert_eq!((look.fresh.len(), look.same), (0, 3));
        // An officer of one province proposes for it alone.
        let dung = caller("Dung", "programme_officer", "/vn/19.2025/");
        let wide = table("MT02;;2028;;3;;\n");
        let look = define::target_sheet::look(&kit.app, &dung, &wide).await.expect("it is looked at");
        assert_eq!(look.troubles.first().map(|one| one.key), Some("reporting-target-sheet-not-yours"));
        let page = kit.get(PROVINCE, &format!("{HERE}/nhap-muc-tieu")).await;
        assert_eq!(page.status, 200);
        assert!(html::broken(&page.text, "vi").is_empty(), "{:?}", html::broken(&page.text, "vi"));
        let bad = define::target_sheet::look(&kit.app, &dung, &Brought::file(vec![0xD0, 0xCF, 0x11, 0xE0, 0])).await;
        assert!(bad.is_err(), "an old binary workbook");
    }

    async fn a_table_to_be_filled_in_comes_back_as_it_was_given_and_names_every_place(builder: KitBuilder) {
        let kit = started(builder).await;
        let ministry = caller("Vụ", "programme_officer", "/vn/");
        let look = async |bytes: Vec<u8>| {
            define::target_sheet::look(&kit.app, &ministry, &Brought::file(bytes)).await.expect("it is looked at")
        };
        let template = format!("{HERE}/nhap-muc-tieu/mau.xlsx");
        let page = kit.get(MINISTRY, &format!("{HERE}/nhap-muc-tieu")).await;
        assert!(read(&page).contains("Các xã, phường, đặc khu của tỉnh Thái Nguyên"), "{}", page.text);
        // What was decided stands in it, and is no proposal when it comes back.
        let decided = kit.get(MINISTRY, &format!("{template}?noi=ca-nuoc&nam=2025")).await;
        let told = look(decided.bytes).await;
        assert!(told.same > 0 && told.empty > 0 && told.fresh.is_empty(), "{} {}", told.same, told.empty);
        assert!(told.troubles.is_empty(), "{:?}", told.troubles);
        let empty = kit.get(PROVINCE, &format!("{template}?chi-tieu=MT02&noi=19.2025&nam=2027")).await;
        let told = look(empty.bytes).await;
        assert_eq!((told.same, told.empty, told.fresh.len(), told.troubles.len()), (0, 92, 0, 0));
        // Every unit of the country is found by the name that stands there; an indicator by its own, too.
        let provinces = kit.app.db.view(async |tx| Ok(areas::below(tx, &country(), areas::AreaLevel::Province, tx.now().day()).await?));
        let mut table = String::from("Chỉ tiêu\tĐịa bàn\tNăm\tGiá trị\n");
        let mut rows = 0;
        let id = IndicatorId::parse("MT02").expect("an id");
        for province in provinces.await.expect("read") {
            let whose = define::target_template::For::CommunesOf(province.id.clone());
            for row in define::target_template::rows(&kit.app, &ministry, Some(&id), &whose, 2027).await.expect("rows") {
                writeln!(table, "{}\t{}\t2027\t1", row.indicator.name, row.place).expect("a line");
                rows += 1;
            }
        }
        let told = look(table.into_bytes()).await;
        assert!(told.troubles.is_empty(), "{:?}", told.troubles.iter().take(5).collect::<Vec<_>>());
        let places: std::collections::BTreeSet<&str> = told.fresh.iter().map(|(_, _, target)| target.area.as_str()).collect();
        assert_eq!(rows, places.len());
        assert!(rows >= 92, "{rows}");
        // Of places that are not theirs nobody gets a table; what an address says wrongly is named.
        assert_eq!(kit.get(PROVINCE, &format!("{template}?noi=ca-nuoc&nam=2027")).await.status, 403);
        let other = "Lan|programme_officer|/vn/44.2025/";
        assert_eq!(kit.get(other, &format!("{template}?noi=19.2025&nam=2027")).await.status, 403);
        assert_eq!(kit.get(OFFICER, &format!("{template}?nam=2027")).await.status, 403);
        for wrong in ["noi=tinh&nam=hai", "noi=tinh&nam=1800", "noi=%3F&nam=2027", "chi-tieu=%3F&nam=2027"] {
            assert_eq!(kit.get(MINISTRY, &format!("{template}?{wrong}")).await.status, 422, "{wrong}");
        }
    }

    async fn a_node_is_added_changed_and_ended_with_everything_below(builder: KitBuilder) {
        let kit = started(builder).await;
        let new = format!("{HERE}/chuong-trinh/moi/sua");
        let node = |parent: &str, from: &str, until: &str| pairs(&[
            ("phien-ban", "0"), ("ma", "1719.da1.hd9"), ("ten", "Hoạt động thử"), ("cap-tren", parent),
            ("loai", "activity"), ("tu-nam", from), ("den-nam", until), ("can-cu", "derived"), ("ly-do", "Bổ sung"),
        ]);
        let outside = send(&kit, MINISTRY, &new, &node("1719.da1.nd1", "2020", "2025")).await;
        assert_eq!(outside.status, 422);
        assert!(outside.text.contains("Nằm ngoài thời gian"));
        let added = send(&kit, MINISTRY, &new, &node("1719.da1.nd1", "2022", "2025")).await;
        assert_eq!(added.status, 303, "{}", added.text);
        let end = format!("{HERE}/chuong-trinh/1719.da1/ket-thuc");
        let ending = |year: &str| pairs(&[("phien-ban", "1"), ("nam", year), ("ly-do", "Điều chỉnh chương trình")]);
        assert_eq!(send(&kit, MINISTRY, &end, &ending("2019")).await.status, 422, "before it began");
        assert_eq!(send(&kit, MINISTRY, &end, &ending("2024")).await.status, 303);
        let known = catalogue::current(&kit.app).await.expect("read");
        for code in ["1719.da1", "1719.da1.nd1", "1719.da1.nd4", "1719.da1.hd9"] {
            let node = known.programme.values().find(|one| one.code.as_str() == code).expect("it stands");
            assert_eq!(node.until_year, Some(2024), "{code}");
        }
        assert_eq!(send(&kit, MINISTRY, &end, &ending("2023")).await.status, 422, "of another version");
    }

    async fn at_a_point_definitions_only_arrive(builder: KitBuilder) {
        let kit = started(builder.point(7)).await;
        let ministry = caller("Vụ", "programme_officer", "/vn/");
        let known = catalogue::current(&kit.app).await.expect("read");
        let one = known.indicators.values().next().expect("some");
        let said = Said { seen: 1, reason: "Thử".to_owned() };
        let refused = define::keep_indicator(&kit.app, &ministry, one, &said).await.expect_err("a point");
        assert!(refused.is(&define::DEFINED_ABOVE));
        assert_eq!(country().as_str(), "/vn/");
        assert_eq!(kit.get("", &format!("{HERE}/chi-tieu/MT02")).await.status, 200, "it is read here too");
    }
}
