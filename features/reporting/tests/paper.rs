//! A report on paper: the page to print, the DOCX and the PDF say the same things in the same words.

use std::io::{Cursor, Read};

use reporting::{actions::content::Content, model::submission::Step};
use testkit::Kit;

use crate::{
    cast::{
        COMMUNE, POINT, edit, leader, officer, piece, province, said_by, signed_content, started,
        step, taken, typed, which,
    },
    pages::upload,
};

const OFFICER: &str = "Mai|commune_officer|/vn/19.2025/01969.2025/";
const LEADER: &str = "Hùng|commune_leader|/vn/19.2025/01969.2025/";
const PROVINCE: &str = "Lan|province_officer|/vn/19.2025/";
const REPORT: &str = "/bao-cao/diem-ho-tro/nd09q-2026-4/01969.2025/chinh-thuc";

/// The page to print and the letter, as text.
async fn papers(kit: &Kit, session: &str, report: &str) -> [String; 2] {
    let page = kit.get(session, &format!("{report}/in")).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let pdf = kit.get(session, &format!("{report}/bao-cao.pdf")).await;
    assert!(pdf.status == 200 && pdf.bytes.starts_with(b"%PDF-1.7"));
    let letter = kit.get(session, &format!("{report}/bao-cao.docx")).await;
    let mut archive = zip::ZipArchive::new(Cursor::new(&letter.bytes)).expect("an archive");
    let mut xml = String::new();
    archive.by_name("word/document.xml").expect("the text").read_to_string(&mut xml).expect("text");
    [page.text.replace("&#x2f;", "/"), xml]
}

fn say(papers: &[String; 2], wanted: &[&str], unwanted: &[&str]) {
    for paper in papers {
        for part in wanted {
            assert!(paper.contains(part), "{part} in {paper}");
        }
        for part in unwanted {
            assert!(!paper.contains(part), "{part} in {paper}");
        }
    }
}

testkit::on_both_engines! {
    async fn what_was_added_and_enclosed_stands_on_every_paper(builder: KitBuilder) {
        let kit = started(builder).await;
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.6", 0, 1_980), edit("10.6:dt=dao", 0, 120)]).await;
        let sent = upload(&kit, &format!("{REPORT}/tep/minhchung"), "bien-ban.pdf", "Biên bản họp thôn", b"%PDF-1.7 x").await;
        assert_eq!(sent.status, 303, "{}", sent.text);
        let papers = papers(&kit, OFFICER, REPORT).await;
        say(&papers, &["1.980", "Dao", ">120<", "Biên bản họp thôn (bien-ban.pdf)"], &["lần gửi", "Lần gửi"]);
        assert!(papers[1].contains("Tài liệu kèm theo:"));
    }

    async fn what_was_given_back_is_no_correction_and_what_stood_is(builder: KitBuilder) {
        let kit = started(builder).await;
        let id = which(COMMUNE).id();
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.5b", 0, 2), edit("10.6", 0, 198), edit("10.3a", 0, 6), edit("10.6kp", 0, 1)]).await;
        step(&kit, &leader(&kit), &id, Step::Certify, 1).await;
        step(&kit, &officer(&kit), &id, Step::Submit, 1).await;
        step(&kit, &province(&kit), &id, Step::Return, 1).await;
        say(&papers(&kit, OFFICER, REPORT).await, &["DỰ THẢO"], &["lần gửi", "Lần gửi"]);
        step(&kit, &leader(&kit), &id, Step::Certify, 1).await;
        step(&kit, &officer(&kit), &id, Step::Submit, 2).await;
        say(&papers(&kit, OFFICER, REPORT).await, &["(Lần gửi thứ 2)"], &["ính chính"]);
        step(&kit, &province(&kit), &id, Step::Accept, 2).await;
        step(&kit, &leader(&kit), &id, Step::Correct, 2).await;
        step(&kit, &leader(&kit), &id, Step::Certify, 3).await;
        let papers = papers(&kit, OFFICER, REPORT).await;
        say(&papers, &["(Bản đính chính, lần gửi thứ 3)"], &["Đính chính lần", "DỰ THẢO"]);
    }

    async fn the_hub_says_of_a_points_report_what_the_point_says(builder: KitBuilder) {
        let kit = started(builder).await;
        let at = which(COMMUNE);
        let sent = |revision, submitted: i64| {
            let signed = Some(("Hùng".to_owned(), 1_795_330_000_000 + submitted));
            Content { certified: signed.clone(), submitted: signed, ..signed_content(&at, revision) }
        };
        taken(&kit, &said_by(POINT, 60, piece(&at, &sent(1, 0)))).await;
        taken(&kit, &said_by(POINT, 60, piece(&at, &sent(2, 1_000)))).await;
        say(&papers(&kit, PROVINCE, REPORT).await, &["(Bản đính chính, lần gửi thứ 2)"], &[]);
    }

    async fn whoever_typed_it_in_for_the_unit_is_not_its_chairman_on_paper(builder: KitBuilder) {
        let kit = started(builder).await;
        let at = which(COMMUNE);
        let begun = kit.post(PROVINCE, &format!("{REPORT}/nhap-thay"), &[("paper", "12/BC-UBND")]).await;
        assert_eq!(begun.status, 303, "{}", begun.text);
        typed(&kit, &province(&kit), &at, vec![edit("10.5b", 0, 2), edit("10.6", 0, 198), edit("10.3a", 0, 6), edit("10.6kp", 0, 1)]).await;
        step(&kit, &province(&kit), &at.id(), Step::Certify, 1).await;
        step(&kit, &province(&kit), &at.id(), Step::Submit, 1).await;
        // The day of the unit's paper is not known here either: it was not written when the clerk typed.
        let papers = papers(&kit, "Hoa|province_officer|/vn/19.2025/", REPORT).await;
        say(&papers, &["Nhập thay theo văn bản 12/BC-UBND của đơn vị."], &["DỰ THẢO", "Lan", "ngày 22 tháng"]);
    }

    async fn nothing_at_all_is_declared_on_every_paper(builder: KitBuilder) {
        let kit = started(builder).await;
        let report = "/bao-cao/bm-07/nd09q-2026-4/01969.2025/chinh-thuc";
        let fields = [("step", "certify"), ("revision", "1"), ("nil", "1"), ("note", "Không có đoàn kiểm tra nào")];
        let signed = kit.post(LEADER, &format!("{report}/buoc"), &fields).await;
        assert_eq!(signed.status, 303, "{}", signed.text);
        let fields = [("step", "submit"), ("revision", "1"), ("late_reason", "Mất điện do bão")];
        let sent = kit.post(LEADER, &format!("{report}/buoc"), &fields).await;
        assert_eq!(sent.status, 303, "{}", sent.text);
        let wanted = ["Trong kỳ không phát sinh: Không có đoàn kiểm tra nào", ">Không phát sinh.<", "Lý do gửi chậm: Mất điện do bão"];
        say(&papers(&kit, OFFICER, report).await, &wanted, &["Chưa có dòng nào"]);
    }

    async fn what_nobody_filled_in_is_declared_by_the_signature_alone(builder: KitBuilder) {
        let kit = started(builder).await;
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.5b", 0, 2), edit("10.6", 0, 198), edit("10.3a", 0, 6), edit("10.6kp", 0, 1)]).await;
        say(&papers(&kit, OFFICER, REPORT).await, &["(chưa nhập)", "DỰ THẢO"], &["Không có.", "Hùng"]);
        step(&kit, &leader(&kit), &which(COMMUNE).id(), Step::Certify, 1).await;
        let wanted = ["Không có.", "Kính gửi: Ủy ban nhân dân tỉnh Thái Nguyên", "Như trên;", "CHỦ TỊCH", "Hùng"];
        say(&papers(&kit, OFFICER, REPORT).await, &wanted, &["(chưa nhập)", "DỰ THẢO", "KT.", "TỈNH THÁI NGUYÊN"]);
    }

    async fn in_which_capacity_somebody_signed_stands_on_page_and_paper(builder: KitBuilder) {
        let kit = started(builder).await;
        typed(&kit, &officer(&kit), &which(COMMUNE), vec![edit("10.5b", 0, 2), edit("10.6", 0, 198), edit("10.3a", 0, 6), edit("10.6kp", 0, 1)]).await;
        let page = kit.get(LEADER, &format!("{REPORT}/gui")).await.text;
        assert!(page.contains("name=\"capacity\"") && page.contains("Cấp phó ký thay người đứng đầu, kể cả cấp phó được giao phụ trách (KT.)"), "{page}");
        // On order, but nobody says whose: the form comes back with what was chosen.
        let sign = |capacity, post| [("step", "certify"), ("revision", "1"), ("note", "Đã kiểm tra số liệu"), ("capacity", capacity), ("post", post)];
        let back = kit.post(LEADER, &format!("{REPORT}/buoc"), &sign("tl", "")).await;
        assert!(back.status == 422 && back.text.contains("Ghi chức vụ của người ký thừa lệnh"), "{}", back.text);
        assert!(back.text.contains("<option value=\"tl\" selected>"), "{}", back.text);
        assert_eq!(kit.post(LEADER, &format!("{REPORT}/buoc"), &sign("xyz", "")).await.status, 400);
        let signed = kit.post(LEADER, &format!("{REPORT}/buoc"), &sign("tl", "Chánh Văn phòng")).await;
        assert_eq!(signed.status, 303, "{}", signed.text);
        say(&papers(&kit, OFFICER, REPORT).await, &["TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG", "Hùng"], &["TM. ỦY BAN"]);
        // Taken back and signed again by a deputy.
        step(&kit, &leader(&kit), &which(COMMUNE).id(), Step::Reopen, 1).await;
        say(&papers(&kit, OFFICER, REPORT).await, &["CHỦ TỊCH"], &["TL.", "CHÁNH VĂN PHÒNG"]);
        let signed = kit.post(LEADER, &format!("{REPORT}/buoc"), &sign("kt", "")).await;
        assert_eq!(signed.status, 303, "{}", signed.text);
        say(&papers(&kit, OFFICER, REPORT).await, &["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"], &[]);
        for page in [REPORT.to_owned(), format!("{REPORT}/gui")] {
            let page = kit.get(OFFICER, &page).await.text;
            assert!(page.contains("Xác thực: Hùng ký thay (KT.), "), "{page}");
        }
    }

    async fn the_capacity_of_a_signature_travels_with_its_report(builder: KitBuilder) {
        let kit = started(builder).await;
        let at = which(COMMUNE);
        let content = Content { capacity: "kt".to_owned(), ..signed_content(&at, 1) };
        taken(&kit, &said_by(POINT, 60, piece(&at, &content))).await;
        say(&papers(&kit, PROVINCE, REPORT).await, &["KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"], &[]);
        let review = kit.get(PROVINCE, &format!("/bao-cao/duyet/{}", at.id())).await.text;
        assert!(review.contains("Hùng ký thay (KT.)"), "{review}");
        // What an older program sent says nothing of it; what a newer one may say is no reason to lose a report.
        for (revision, capacity) in [(2, ""), (3, "xx:Thư ký")] {
            let content = Content { capacity: capacity.to_owned(), ..signed_content(&at, revision) };
            taken(&kit, &said_by(POINT, 60, piece(&at, &content))).await;
            say(&papers(&kit, PROVINCE, REPORT).await, &["CHỦ TỊCH", "Hùng"], &["KT.", "PHÓ CHỦ TỊCH"]);
        }
        let kept = kit.get(PROVINCE, &format!("/bao-cao/duyet/{}/ban-luu/1.submitted.json", at.id())).await;
        assert!(kept.status == 200 && kept.text.contains("\"certifiedAs\": \"kt\""), "{}", kept.text);
    }
}
