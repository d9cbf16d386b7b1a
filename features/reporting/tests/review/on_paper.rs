//! A summary on paper: the page, DOCX, PDF and XLSX say the same; what was approved is printed as it was closed, and
//! what was not is a draft.

use std::{
    io::{Cursor, Read},
    path::Path,
    process::Command,
};

use calamine::{Data, Range, Reader, Xlsx};
use reporting::{
    actions::{
        entry::{Changes, save},
        figures::Edit,
        review,
        steps::Said,
    },
    model::{CellState, submission::Step},
};
use testkit::{Kit, caller};

use super::{LAN, NEIGHBOUR, accept, accepted, sent};
use crate::cast::{COMMUNE, PROVINCE, cell, edit, leader, officer, started, step, typed, which};

const LEADER: &str = "Nông Quỳnh Anh|province_leader|/vn/19.2025/";
const SUMMARY: &str = "/bao-cao/tong-hop/diem-ho-tro/nd09q-2026-4/chinh-thuc";

/// The words of a DOCX file, a paragraph a line.
fn words(bytes: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let mut xml = String::new();
    archive.by_name("word/document.xml").expect("the text").read_to_string(&mut xml).expect("text");
    let pieces = xml.replace("</w:p>", "\n</w:p>");
    pieces.split('<').map(|piece| piece.split_once('>').map_or("", |(_, text)| text)).collect()
}

/// The words of a PDF file; none where no program reads them.
fn read(bytes: &[u8]) -> Option<String> {
    let thread = format!("{:?}", std::thread::current().id()).replace(['(', ')'], "");
    let name = format!("tong-hop-{}-{thread}.pdf", std::process::id());
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&file, bytes).expect("written");
    let Ok(output) = Command::new("pdftotext").arg(&file).arg("-").output() else {
        eprintln!("left out: no pdftotext here");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8_lossy(&output.stdout).replace(['\n', '\u{c}'], " "))
}

async fn sheet(kit: &Kit, who: &str, of: &str) -> Range<Data> {
    let file = kit.get(who, &at(of, "xlsx")).await;
    assert_eq!(file.status, 200, "{}", file.text);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file.bytes)).expect("a workbook");
    book.worksheet_range("Báo cáo").expect("the report")
}

/// The address of a paper of a summary, whatever is asked behind it.
fn at(of: &str, ending: &str) -> String {
    match of.split_once('?') {
        Some((path, asked)) => format!("{path}/tong-hop.{ending}?{asked}"),
        None => format!("{of}/tong-hop.{ending}"),
    }
}

/// The letter as text, once every paper says these things and none of the others.
async fn says(kit: &Kit, who: &str, of: &str, wanted: &[&str], unwanted: &[&str]) -> String {
    let letter = kit.get(who, &at(of, "docx")).await;
    let printed = kit.get(who, &at(of, "pdf")).await;
    assert_eq!((letter.status, printed.status), (200, 200), "{}", letter.text);
    assert!(printed.bytes.starts_with(b"%PDF-1.7"));
    let letter = words(&letter.bytes);
    let cells = sheet(kit, who, of).await;
    let shown = |cell: &Data| match cell {
        #[expect(clippy::cast_possible_truncation, reason = "these are whole numbers")]
        Data::Float(number) if number.fract() == 0.0 => kernel::text::thousands(*number as i64),
        other => other.to_string(),
    };
    let cells: Vec<String> = cells.used_cells().map(|(_, _, cell)| shown(cell)).collect();
    let papers = [Some(letter.clone()), read(&printed.bytes), Some(cells.join("\n"))];
    for paper in papers.into_iter().flatten() {
        for part in wanted {
            assert!(paper.contains(part), "{part} in {paper}");
        }
        for part in unwanted {
            assert!(!paper.contains(part), "{part} in {paper}");
        }
    }
    letter
}

/// What is counted on the page, and the sum or the words beside it.
fn sums(page: &str) -> Vec<(String, String)> {
    let rows = page.split("<tr><th scope=\"row\">").skip(1);
    let row = |row: &str| {
        let (label, rest) = row.split_once("</th>")?;
        let (_, rest) = rest.split_once("data-label=\"Tổng\">")?;
        let sum = rest.trim_start_matches("<span class=\"muted\">").split('<').next()?;
        Some((label.to_owned(), sum.to_owned()))
    };
    rows.filter_map(row).collect()
}

/// Two communes that were accepted; neither knows a figure of one line.
async fn summed_up(builder: testkit::KitBuilder) -> Kit {
    let kit = started(builder).await;
    let unknown = || Edit {
        key: cell("10.3b"),
        base: 0,
        state: Some(CellState::NoData("Sổ đang ở huyện".to_owned())),
    };
    for (area, visits) in [(COMMUNE, 1_980), (NEIGHBOUR, 50)] {
        let officer = caller("Mai", "commune_officer", &format!("{PROVINCE}{area}/"));
        let edits = match area {
            COMMUNE => vec![unknown(), edit("10.6:dt=dao,gt=nu", 0, 17), edit("10.2", 0, 3)],
            _ => vec![unknown()],
        };
        let changes = Changes { edits, ..Changes::default() };
        save(&kit.app, &officer, &which(area), changes).await.expect("saved");
        accepted(&kit, &sent(&kit, area, visits).await).await;
    }
    kit
}

/// Closes the summary; gives the address of the copy.
async fn closed(kit: &Kit) -> String {
    let closed = kit.post(LAN, SUMMARY, &[("dia_ban", "19.2025")]).await;
    assert_eq!(closed.status, 303, "{}", closed.text);
    closed.location().to_owned()
}

testkit::on_both_engines! {
    async fn a_summary_that_nobody_approved_is_a_draft_that_says_what_its_page_says(builder: KitBuilder) {
        let kit = summed_up(builder).await;
        let page = kit.get(LAN, SUMMARY).await.text;
        assert_eq!(testkit::html::broken(&page, "vi"), Vec::<String>::new());
        let papers = format!("{SUMMARY}?dia_ban=19.2025");
        for ending in ["docx", "pdf", "xlsx"] {
            let href = at(&papers, ending).replace('/', "&#x2f;");
            assert!(page.contains(&href) || page.contains(&at(&papers, ending)), "{ending}: {page}");
        }
        let told = says(&kit, LAN, &papers, &[
            "ỦY BAN NHÂN DÂN TỈNH THÁI NGUYÊN", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc",
            "DỰ THẢO", "BÁO CÁO TỔNG HỢP", "Quý IV/2026 (15/9 – 14/12/2026)", "Kính gửi: Bộ Dân tộc và Tôn giáo",
            "Gồm 2/92 báo cáo đã tiếp nhận hoặc đã duyệt. Số liệu đến ", "90 đơn vị chưa có báo cáo được tiếp nhận",
            "TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", "Như trên;", "không có số liệu",
        ], &["Quỳnh Anh", "Bản chốt"]).await;
        // Who is in it is not among those that are missing.
        let missing = told.lines().find(|line| line.contains(", xã ")).expect("who is missing");
        assert_eq!(missing.split(", ").count(), 90, "{missing}");
        assert!(!missing.contains("xã Phủ Thông") && !missing.contains("xã Bằng Vân"), "{missing}");
        // Every line of the page stands on the paper with the same sum, or the same words.
        let (sums, cells) = (sums(&page), sheet(&kit, LAN, &papers).await);
        assert!(sums.iter().any(|(_, sum)| sum == "2.030") && sums.iter().any(|(_, sum)| sum == "không có số liệu"), "{sums:?}");
        for (label, sum) in &sums {
            let name = label.split(" – ").next().expect("a name");
            let of_name: Vec<String> = told.split('\n').skip_while(|line| *line != name).take(12).map(str::to_owned).collect();
            assert!(of_name.contains(sum), "{label}: {sum} in {of_name:?}");
        }
        let visits = cells.rows().find(|row| row[1] == "Lượt người dùng điểm hỗ trợ").expect("the line");
        assert_eq!((&visits[3], &visits[5]), (&Data::Float(2_030.0), &Data::String("...".to_owned())), "a number is a number");
        let part = cells.rows().find(|row| row[1].to_string().contains("Dao · Nữ")).expect("what was added");
        assert_eq!(part[3], Data::Float(17.0));
        // How many units a sum comes from is said where not every report has it.
        let held = cells.rows().rfind(|row| row[1].to_string().contains("Dao – Nữ")).expect("how many units have it");
        assert_eq!((&held[3], &held[4]), (&Data::Float(1.0), &Data::Float(0.0)), "{held:?}");
        let unknown = cells.rows().rfind(|row| row[3] == Data::Float(0.0) && row[4] == Data::Float(2.0));
        assert!(unknown.is_some(), "two units say they have none");
    }

    async fn an_approved_summary_is_printed_as_it_was_closed(builder: KitBuilder) {
        let kit = summed_up(builder).await;
        let copy = closed(&kit).await;
        says(&kit, LAN, &copy, &["DỰ THẢO", "(Bản chốt tổng hợp số 1, chốt lúc ", "2.030"], &["Nông Quỳnh Anh"]).await;
        let live = kit.get(LAN, SUMMARY).await.text.replace("&#x2f;", "/");
        assert!(live.contains(&at(&copy, "pdf")) && !live.contains(&at(SUMMARY, "pdf")), "what says the same is the copy: {live}");
        // In whose name they sign is asked as it is of a report.
        let page = kit.get(LEADER, &copy).await.text;
        assert!(page.contains("name=\"capacity\"") && page.contains("(KT.)"), "{page}");
        let approve = format!("{copy}/duyet");
        let back = kit.post(LEADER, &approve, &[("capacity", "tl"), ("post", "")]).await;
        assert!(back.status == 422 && back.text.contains("<option value=\"tl\" selected>"), "{}", back.text);
        assert!(back.text.contains("Ghi chức vụ của người ký thừa lệnh"), "{}", back.text);
        assert_eq!(kit.post(LEADER, &approve, &[("capacity", "xyz")]).await.status, 400);
        let approved = kit.post(LEADER, &approve, &[("capacity", "kt"), ("post", "")]).await;
        assert_eq!(approved.status, 303, "{}", approved.text);
        assert!(kit.get(LAN, &copy).await.text.contains("Nông Quỳnh Anh ký thay (KT.)"));
        let signed = ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "Nông Quỳnh Anh", "ngày 22 tháng 11 năm 2026", "2.030"];
        says(&kit, LAN, &copy, &signed, &["DỰ THẢO"]).await;
        // A commune corrects its report: the paper stays as it was approved; the sums as they stand are a draft.
        let id = which(COMMUNE).id();
        step(&kit, &leader(&kit), &id, Step::Correct, 1).await;
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.6", 1, 1_999)]).await;
        step(&kit, &leader(&kit), &id, Step::Certify, 2).await;
        step(&kit, &officer(&kit), &id, Step::Submit, 2).await;
        let said = Said { revision: 2, ..Said::default() };
        let lan = caller("Lan", "province_officer", PROVINCE);
        review::decide(&kit.app, &lan, &id, &review::Decision { said, ..accept(2) }).await.expect("accepted");
        says(&kit, LAN, &copy, &signed, &["DỰ THẢO", "2.049"]).await;
        let live = format!("{SUMMARY}?dia_ban=19.2025");
        says(&kit, LAN, &live, &["DỰ THẢO", "2.049"], &["Nông Quỳnh Anh", "2.030", "KT."]).await;
        assert!(kit.get(LAN, SUMMARY).await.text.replace("&#x2f;", "/").contains(&at(&live, "pdf")));
        // The whole country names who is missing by province, and is signed by the ministry.
        let nation = says(&kit, "Nam|programme_officer|/vn/", &format!("{SUMMARY}?dia_ban=vn"), &[
            "BỘ DÂN TỘC VÀ TÔN GIÁO", "Hà Nội, ngày", "Kính gửi: Thủ tướng Chính phủ", "BỘ TRƯỞNG", "Tỉnh Thái Nguyên (90): ",
        ], &["TM. ỦY BAN"]).await;
        assert!(nation.contains("/BC-BDTTG"), "{nation}");
    }

    async fn papers_of_a_summary_are_for_those_who_may_see_it(builder: KitBuilder) {
        let kit = summed_up(builder).await;
        let copy = closed(&kit).await;
        let live = format!("{SUMMARY}?dia_ban=19.2025");
        for of in [&copy, &live] {
            for ending in ["docx", "pdf", "xlsx"] {
                let address = at(of, ending);
                assert_eq!(kit.get("", &address).await.status, 303, "{address}");
                assert_eq!(kit.get("Xa|province_officer|/vn/04.2025/", &address).await.status, 403, "{address}");
                assert_eq!(kit.get("Mai|commune_officer|/vn/19.2025/01969.2025/", &address).await.status, 403, "{address}");
                let own = kit.get(LAN, &address).await;
                assert_eq!(own.headers["cache-control"], "private, no-store", "{address}");
            }
        }
        assert_eq!(kit.get(LAN, "/bao-cao/tong-hop/ban/khong-co/tong-hop.pdf").await.status, 404);
        assert_eq!(kit.get(LAN, &at(&live, "pdf").replace("diem-ho-tro", "khong-co")).await.status, 404);
    }
}
