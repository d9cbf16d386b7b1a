//! Questions about figures: every answer from live counts is what counting by hand gives, sums survive a
//! change of geography, pages show and open what they should to whom they should, and nothing that is hidden
//! comes out of what is published.

mod choosing;
mod files;
mod parameters;
mod series;
mod truths;
mod unusual;

use areas::{AreaId, AreaLevel, view::Grade};
use kernel::{
    db::{Tx, Value},
    problem::{FORBIDDEN, SIGN_IN_NEEDED},
    sql,
};
use reporting::{
    actions::{
        analysis::{ask::ask, computed, public},
        entry::Which,
    },
    model::{
        Life, Period,
        analysis::{Answer, BAD_QUESTION, Dx, Gap, Question, TOO_BROAD},
    },
};
use testkit::{Kit, caller};

use crate::cast::{COMMUNE, edit, officer, province, province_leader, started, step, typed, which};
use reporting::model::submission::Step;

const QUARTER: &str = "nd09q-2026-4";
const MINISTRY: &str = "Vụ|programme_officer|/vn/";
const PROVINCE_OFFICER: &str = "Lan|province_officer|/vn/19.2025/";
const COMMUNE_OFFICER: &str = "Mai|commune_officer|/vn/19.2025/01969.2025/";

fn period(id: &str) -> Period {
    Period::parse(id).expect("a period")
}

fn question(dx: &[&str], periods: &[&str], area: &str, by: AreaLevel) -> Question {
    Question {
        dx: dx.iter().map(|text| Dx::parse(text).unwrap_or_else(|| panic!("{text}"))).collect(),
        periods: periods.iter().map(|id| period(id)).collect(),
        area: AreaId::parse(area).expect("an id"),
        by,
        frame: None,
        life: Life::Final,
        approved_only: false,
    }
}

async fn asked(kit: &Kit, question: &Question) -> Answer {
    let ministry = caller("Vụ", "programme_officer", "/vn/");
    ask(&kit.app, &ministry, question).await.unwrap_or_else(|failure| panic!("{failure}"))
}

fn told(answer: &Answer, dx: usize, period: usize, place: usize) -> Option<String> {
    answer.at(dx, period, place)?.number?.as_decimal()
}

/// The communes of the province today.
async fn communes(kit: &Kit) -> Vec<(String, String)> {
    let id = AreaId::parse("19.2025").expect("an id");
    let today = kit.app.now().day();
    let all = kit
        .db()
        .view(async |tx: &mut Tx| Ok(areas::children(tx, &id, today).await?))
        .await
        .expect("areas are read");
    all.into_iter().map(|area| (area.id.to_string(), area.path.as_str().to_owned())).collect()
}

/// Writes a figure straight into the tables, as reports of other years and units did, and counts anew.
pub(crate) async fn put(kit: &Kit, rows: &[(&str, &str, &str, &str, i64)]) {
    for (area, path, when, cell, amount) in rows {
        let when = period(when);
        kit.db()
            .change(async |tx: &mut Tx| {
                let key = reporting::model::CellKey::parse(cell).expect("a cell");
                let no = |name: &'static str, text: &str| {
                    let hash = text.bytes().fold(7_i64, |hash, byte| (hash * 31 + i64::from(byte)) % 1_000_003);
                    hash + match name {
                        "period" => 10_000_000,
                        "cell" => 20_000_000,
                        _ => 30_000_000,
                    }
                };
                let (p, c) = (no("period", when.id()), no("cell", cell));
                tx.run(
                    sql!("insert into reporting_periods (no, id, scheme, from_day, until_day) values ($1, $2, $3, $4, $5) on conflict do nothing"),
                    &[p.into(), when.id().into(), when.scheme.code().as_ref().into(), when.from.into(), when.until.into()],
                )
                .await?;
                tx.run(
                    sql!("insert into reporting_cells (no, element, coords) values ($1, $2, $3) on conflict do nothing"),
                    &[c.into(), (&key.element).into(), key.coords.text().into()],
                )
                .await?;
                let above = path.trim_matches('/').split('/').nth(1).unwrap_or("vn").to_owned();
                let above_path = format!("/vn/{above}/");
                for (id, at, of) in [(above.as_str(), above_path.as_str(), above.as_str()), (area, path, above.as_str())] {
                    tx.run(
                        sql!("insert into reporting_places (no, area, path) values ($1, $2, $3) on conflict do nothing"),
                        &[no("place", id).into(), id.into(), at.into()],
                    )
                    .await?;
                    tx.run(
                        sql!("insert into reporting_seats (place, from_day, until_day, path, province) \
                              select l.no, '0001-01-01', '9999-12-31', $2, p.no from reporting_places l, reporting_places p \
                              where l.area = $1 and p.area = $3 on conflict do nothing"),
                        &[id.into(), at.into(), of.into()],
                    )
                    .await?;
                }
                tx.run(
                    sql!("insert into reporting_authors (no, account, name) values (900001, 'x', 'Người nhập') on conflict do nothing"),
                    &[],
                )
                .await?;
                tx.run(
                    sql!("insert into reporting_values (period, place, cell, life, state, amount, version, owner, author, at, approved) \
                          select p.no, l.no, c.no, 0, 0, $1, 1, 900001, 900001, 0, $1 from reporting_periods p, reporting_places l, reporting_cells c \
                          where p.id = $2 and l.area = $3 and c.element = $4 and c.coords = $5"),
                    &[Value::from(*amount), when.id().into(), (*area).into(), (&key.element).into(), key.coords.text().into()],
                )
                .await?;
                Ok(())
            })
            .await
            .unwrap_or_else(|failure| panic!("{failure}"));
    }
    reporting::actions::counts::rebuild(kit.db()).await.expect("rebuilt");
    reporting::actions::map::settle(kit.db(), None).await.expect("put in order");
}

/// The sum that somebody with a pencil would find: straight from the figures.
async fn by_hand(kit: &Kit, cell: &str, when: &str, under: &str) -> i64 {
    let key = reporting::model::CellKey::parse(cell).expect("a cell");
    let (low, high) = kernel::scope::ScopePath::parse(under).expect("a path").range();
    kit.db()
        .view(async |tx: &mut Tx| {
            let sum: i64 = tx
                .one(
                    sql!("select cast(coalesce(sum(v.amount), 0) as bigint) as value from reporting_values v \
                          join reporting_places l on l.no = v.place join reporting_periods p on p.no = v.period \
                          join reporting_cells c on c.no = v.cell \
                          where p.id = $1 and c.element = $2 and c.coords = $3 and l.path >= $4 and l.path < $5"),
                    &[when.into(), (&key.element).into(), key.coords.text().into(), low.into(), high.into()],
                )
                .await?;
            Ok(sum)
        })
        .await
        .expect("it is counted")
}

async fn approved(kit: &Kit, which: &Which) {
    let leader = testkit::caller("Hùng", "commune_leader", "/vn/19.2025/");
    let id = which.id();
    step(kit, &leader, &id, Step::Certify, 1).await;
    step(kit, &leader, &id, Step::Submit, 1).await;
    step(kit, &province(kit), &id, Step::Accept, 1).await;
    step(kit, &province_leader(kit), &id, Step::Approve, 1).await;
}

/// Reports of some communes of the quarter: commune n counts `amounts[n]`, of them `women[n]` women.
async fn reported(kit: &Kit, amounts: &[(i64, i64)]) -> Vec<String> {
    let mut areas = Vec::new();
    for ((area, path), (amount, women)) in communes(kit).await.into_iter().zip(amounts) {
        let who = caller("Mai", "commune_officer", &path);
        let which = which(&area);
        typed(
            kit,
            &who,
            &which,
            vec![
                edit("10.6", 0, *amount),
                edit("10.6:gt=nu", 0, *women),
                edit("10.5a", 0, 4),
                edit("10.5b", 0, 3),
                edit("10.3a", 0, 2),
                edit("10.6kp", 0, 1),
            ],
        )
        .await;
        areas.push(area);
    }
    areas
}

testkit::on_both_engines! {
    async fn an_answer_from_live_counts_is_what_counting_by_hand_gives(builder: KitBuilder) {
        let kit = started(builder).await;
        let areas = reported(&kit, &[(198, 90), (50, 20), (0, 0), (7, 3)]).await;
        approved(&kit, &which(&areas[0])).await;
        for cell in ["10.6", "10.6:gt=nu", "10.5b"] {
            let by = [("vn", "/vn/", AreaLevel::Country), ("19.2025", "/vn/19.2025/", AreaLevel::Province)];
            for (area, path, level) in by {
                let answer = asked(&kit, &question(&[cell], &[QUARTER], area, level)).await;
                let by_hand = by_hand(&kit, cell, QUARTER, path).await;
                assert_eq!(told(&answer, 0, 0, 0), Some(by_hand.to_string()), "{cell} {area}");
                let shown = answer.at(0, 0, 0).expect("a figure");
                assert_eq!((shown.reported, shown.approved, shown.grade), (4, 1, Grade::Exact));
                assert!(shown.expected > 90 && shown.is_partial());
            }
            let answer = asked(&kit, &question(&[cell], &[QUARTER], "19.2025", AreaLevel::Commune)).await;
            let sum: i64 = (0..answer.places.len())
                .filter_map(|place| told(&answer, 0, 0, place)?.parse::<i64>().ok())
                .sum();
            assert_eq!(sum, by_hand(&kit, cell, QUARTER, "/vn/19.2025/").await, "communes make up the province");
            let silent = answer.figures.iter().filter(|one| one.gap == Some(Gap::NotReported)).count();
            assert_eq!(silent, answer.places.len() - 4, "who has not reported has no zero");
        }
        // A figure is in the next answer as soon as it is saved.
        let path = communes(&kit).await[1].1.clone();
        typed(&kit, &caller("Mai", "commune_officer", &path), &which(&areas[1]), vec![edit("10.6", 1, 60)]).await;
        let answer = asked(&kit, &question(&["10.6"], &[QUARTER], "vn", AreaLevel::Country)).await;
        assert_eq!(told(&answer, 0, 0, 0).as_deref(), Some("265"));
        let only = Question { approved_only: true, ..question(&["10.6"], &[QUARTER], "vn", AreaLevel::Country) };
        assert_eq!(told(&asked(&kit, &only).await, 0, 0, 0).as_deref(), Some("198"));
    }

    async fn a_ratio_is_computed_from_sums_and_a_year_from_its_quarters(builder: KitBuilder) {
        let kit = started(builder).await;
        let (a, b) = ("01969.2025", "01942.2025");
        let at = |area: &str| format!("/vn/19.2025/{area}/");
        let mut rows = Vec::new();
        let (pa, pb) = (at(a), at(b));
        for (quarter, amount) in [("nd09q-2026-1", 10), ("nd09q-2026-2", 20), ("nd09q-2026-3", 30), ("nd09q-2026-4", 40)] {
            rows.push((a, pa.as_str(), quarter, "10.6", amount));
            rows.push((b, pb.as_str(), quarter, "td.diem", 10));
            rows.push((b, pb.as_str(), quarter, "td.diem.hoatdong", 1));
            rows.push((a, pa.as_str(), quarter, "td.diem", 1));
            rows.push((a, pa.as_str(), quarter, "td.diem.hoatdong", 1));
        }
        put(&kit, &rows).await;
        let answer = asked(&kit, &question(&["*TD-diem"], &[QUARTER], "19.2025", AreaLevel::Province)).await;
        // 2 of 11, never the mean of 10 % and 100 %.
        let shown = answer.at(0, 0, 0).expect("a figure");
        assert_eq!(shown.number.map(|one| one.words(2)).as_deref(), Some("18,18"));
        // The legal year is filled by its quarters: visits add up, points that work are those of the last one.
        let year = asked(&kit, &question(&["10.6", "td.diem"], &["nd09y-2026"], "19.2025", AreaLevel::Province)).await;
        assert_eq!(told(&year, 0, 0, 0).as_deref(), Some("100"));
        assert_eq!(told(&year, 1, 0, 0).as_deref(), Some("11"));
        // The calendar year is not: its days are others.
        let calendar = asked(&kit, &question(&["10.6"], &["y-2026"], "19.2025", AreaLevel::Province)).await;
        assert_eq!(calendar.at(0, 0, 0).and_then(|one| one.gap), Some(Gap::NotReported));
    }

    async fn old_communes_in_todays_geography_lose_and_gain_nobody(builder: KitBuilder) {
        let kit = started(builder).await;
        let day = kernel::clock::Day::new(2024, 12, 31).expect("a day");
        let (old, new) = kit.db().view(async |tx: &mut Tx| {
            let root = kernel::scope::ScopePath::root();
            let old = areas::units_between(tx, AreaLevel::Commune, &root, day, day.plus_days(1)).await?;
            let made = areas::conversion(tx, day, tx.now().day(), AreaLevel::Commune).await?;
            let new: Vec<String> = made.targets().iter().filter(|one| one.level == AreaLevel::Commune).map(|one| one.id.to_string()).collect();
            Ok((old, new))
        }).await.expect("areas are read");
        assert!(old.len() > new.len() && !new.is_empty());
        let texts: Vec<(String, String)> = old.iter().map(|one| (one.id.to_string(), one.path.as_str().to_owned())).collect();
        let rows: Vec<_> = texts.iter().zip(1_i64..).map(|((id, path), n)| (id.as_str(), path.as_str(), "y-2024", "ds.ho", 100 + n * 7 % 400)).collect();
        let total: i64 = rows.iter().map(|row| row.4).sum();
        put(&kit, &rows).await;
        let country = asked(&kit, &question(&["ds.ho"], &["y-2024"], "vn", AreaLevel::Country)).await;
        assert_eq!(told(&country, 0, 0, 0), Some(total.to_string()));
        let then = Question { frame: Some(day), ..question(&["ds.ho"], &["y-2024"], "vn", AreaLevel::Province) };
        let provinces = asked(&kit, &then).await;
        let sum = |answer: &Answer| -> i64 { (0..answer.places.len()).filter_map(|place| told(answer, 0, 0, place)?.parse::<i64>().ok()).sum() };
        // Two communes outlived their province: they count in the one in which they lay then.
        let within = |path: &str| -> i64 { rows.iter().filter(|row| row.1.starts_with(path)).map(|row| row.4).sum() };
        for (place, one) in provinces.places.iter().enumerate() {
            let shown = provinces.at(0, 0, place).expect("a figure");
            let truth = reporting::model::formula::Rational::scaled(within(one.path.as_str()), 0).expect("a number");
            assert_eq!((shown.grade, shown.number), (Grade::Exact, Some(truth)), "{shown:?}");
        }
        assert_eq!(sum(&provinces), total);
        let today = asked(&kit, &question(&["ds.ho"], &["y-2024"], "vn", AreaLevel::Province)).await;
        assert_eq!(sum(&today), total, "{:?} {:?}", today.places, today.figures);
        let communes = asked(&kit, &question(&["ds.ho"], &["y-2024"], "19.2025", AreaLevel::Commune)).await;
        let exact = communes.figures.iter().filter(|one| one.grade == Grade::Exact).count();
        let open = communes.figures.iter().filter(|one| one.number.is_none()).count();
        assert!(exact > 50, "{exact} exact of {}: {:?}", communes.places.len(), &communes.figures[..4]);
        let shown = sum(&communes);
        assert!(shown <= total, "{shown} of {total}");
        if open == 0 {
            assert_eq!(shown, total, "nobody is lost");
        }
        // Phủ Thông is made of four whole units: their sum, exactly.
        let at = communes.places.iter().position(|one| one.id.as_str() == COMMUNE).expect("the commune");
        let parts = kit.db().view(async |tx: &mut Tx| Ok(areas::predecessors(tx, &AreaId::parse(COMMUNE).expect("an id")).await?)).await.expect("read");
        let expected: i64 = rows.iter().filter(|row| parts.iter().any(|part| part.area.id.as_str() == row.0)).map(|row| row.4).sum();
        let here = communes.at(0, 0, at).expect("a figure");
        assert_eq!((told(&communes, 0, 0, at), here.grade, here.reported), (Some(expected.to_string()), Grade::Exact, 4));
        let page = kit.get(PROVINCE_OFFICER, &format!("/so-lieu/nguon?dx=ds.ho&ky=y-2024&o={COMMUNE}")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(page.text.contains("Lục Bình") && page.text.contains("toàn bộ"), "the units it came from are named");
        let series = kit.get(PROVINCE_OFFICER, &format!("/so-lieu/chuoi?o={COMMUNE}&dx=ds.ho")).await;
        assert_eq!(series.status, 200, "{}", series.text);
        assert!(series.text.contains("địa giới thay đổi"), "the break is marked");
    }

    async fn only_who_may_see_gets_figures_and_never_too_many(builder: KitBuilder) {
        let kit = started(builder).await;
        let mine = question(&["10.6"], &[QUARTER], COMMUNE, AreaLevel::Commune);
        assert!(ask(&kit.app, &officer(&kit), &mine).await.is_ok());
        let above = question(&["10.6"], &[QUARTER], "19.2025", AreaLevel::Province);
        assert!(ask(&kit.app, &officer(&kit), &above).await.expect_err("not theirs").is(&FORBIDDEN));
        let nobody = kernel::caller::Caller::nobody(kit.app.now());
        assert!(ask(&kit.app, &nobody, &mine).await.expect_err("nobody").is(&SIGN_IN_NEEDED));
        let ministry = caller("Vụ", "programme_officer", "/vn/");
        for wrong in ["99.99", "*KHONG", "~khong~nop", "10.6:gt=nu,zz=a"] {
            let refused = ask(&kit.app, &ministry, &question(&[wrong], &[QUARTER], "vn", AreaLevel::Province)).await;
            assert!(refused.expect_err(wrong).is(&BAD_QUESTION), "{wrong}");
        }
        let up = ask(&kit.app, &ministry, &question(&["10.6"], &[QUARTER], COMMUNE, AreaLevel::Province)).await;
        assert!(up.expect_err("a commune has no provinces").is(&BAD_QUESTION));
        let days: Vec<Period> = period("day-2026-01-01").last_n(20_000);
        let wide = Question { periods: days, dx: ["10.6", "10.2", "10.5a"].map(|text| Dx::parse(text).expect("it")).to_vec(), ..above };
        assert!(ask(&kit.app, &ministry, &wide).await.expect_err("too broad").is(&TOO_BROAD));
        assert_eq!(kit.get("", "/so-lieu").await.location(), "/so-lieu/cong-khai");
        let opened = kit.get("", "/so-lieu/nguon?dx=10.6").await;
        assert!(opened.status == 401 || opened.location().contains("dang-nhap"), "{} {}", opened.status, opened.location());
        assert_eq!(kit.get(COMMUNE_OFFICER, "/so-lieu?o=19.2025").await.status, 403);
    }

    async fn every_page_answers_and_every_figure_opens(builder: KitBuilder) {
        let kit = started(builder).await;
        let areas = reported(&kit, &[(198, 90), (50, 20), (30, 12)]).await;
        approved(&kit, &which(&areas[0])).await;
        let pages = ["", "/bang", "/dien-bien", "/muc-tieu", "/xep-hang", "/ban-do", "/day-du?bo=diem-ho-tro", "/bat-thuong", "/uoc-chinh-thuc", "/chuoi", "/bang-theo-doi"];
        for who in [MINISTRY, PROVINCE_OFFICER, COMMUNE_OFFICER] {
            for page in pages {
                let shown = kit.get(who, &format!("/so-lieu{page}")).await;
                assert_eq!(shown.status, 200, "{who} {page}: {}", shown.text);
                assert!(!shown.text.contains('⟦'), "{page}: {}", shown.text);
            }
        }
        for wrong in ["/khong-co", "?dx=%3Cscript%3E", "?ky=nd09q-2026-9", "?o=khong", "?khung=hom-qua", "/nguon?dx=10.6&dx=10.2"] {
            let shown = kit.get(MINISTRY, &format!("/so-lieu{wrong}")).await;
            assert!((400..500).contains(&shown.status), "{wrong}: {}", shown.status);
        }
        let sheet = kit.get(PROVINCE_OFFICER, "/so-lieu").await;
        assert!(sheet.text.contains(">278<"), "{}", sheet.text);
        let mut opened = 0;
        let plain = sheet.text.replace("&#x2f;", "/").replace("&amp;", "&");
        for link in plain.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            if link.starts_with("/so-lieu/nguon") && opened < 6 {
                let page = kit.get(PROVINCE_OFFICER, link).await;
                assert_eq!(page.status, 200, "{link}: {}", page.text);
                opened += 1;
            }
        }
        assert!(opened > 3, "{opened} figures open");
        let single = kit.get(PROVINCE_OFFICER, &format!("/so-lieu/nguon?dx=10.6&ky={QUARTER}&o={}", areas[0])).await;
        assert!(single.text.contains("Mai") && single.text.contains("Duyệt") && single.text.contains("198"), "{}", single.text);
        let api = kit.get(PROVINCE_OFFICER, &format!("/api/v1/reporting/analytics?dx=10.6,~diem-ho-tro~nop&period={QUARTER}&area=19.2025&level=province")).await;
        let json: serde_json::Value = serde_json::from_str(&api.text).expect("JSON");
        assert_eq!(json["rows"][0]["value"], "278");
        assert_eq!((&json["rows"][1]["reported"], &json["rows"][0]["approved"]), (&serde_json::json!(1), &serde_json::json!(1)));
    }

    async fn a_dashboard_is_kept_shared_and_taken_away(builder: KitBuilder) {
        let kit = started(builder).await;
        reported(&kit, &[(198, 90)]).await;
        let kept = kit.post(PROVINCE_OFFICER, "/so-lieu/bang-theo-doi", &[
            ("trang", "xep-hang"), ("truy-van", "o=19.2025&dx=10.6"), ("tieu-de", "Lượt người"), ("ten", "Theo dõi quý"), ("chung", "19.2025"),
        ]).await;
        assert_eq!(kept.status, 303, "{}", kept.text);
        let here = kept.location().to_owned();
        let shown = kit.get("Bình|province_leader|/vn/19.2025/", &here).await;
        assert!(shown.status == 200 && shown.text.contains("198"), "{}", shown.text);
        assert_eq!(kit.get(COMMUNE_OFFICER, &here).await.status, 404, "shared with the province, not below");
        assert_eq!(kit.post("Bình|province_leader|/vn/19.2025/", &format!("{here}/bo"), &[]).await.status, 403);
        let nothing = kit.post(PROVINCE_OFFICER, "/so-lieu/bang-theo-doi", &[("trang", "khong-co")]).await;
        assert_eq!(nothing.status, 422, "neither a name nor a page that has one");
        let wider = kit.post(PROVINCE_OFFICER, "/so-lieu/bang-theo-doi", &[("trang", "bang"), ("ten", "x"), ("chung", "vn")]).await;
        assert_eq!(wider.status, 403, "nobody shares beyond what they see");
        assert_eq!(kit.post(PROVINCE_OFFICER, &format!("{here}/bo"), &[]).await.status, 303);
        assert_eq!(kit.get(PROVINCE_OFFICER, &here).await.status, 404);
    }

    async fn the_public_sees_what_is_approved_and_no_small_cell_comes_out(builder: KitBuilder) {
        let kit = started(builder).await;
        let nothing = kit.get("", "/so-lieu/cong-khai").await;
        assert_eq!(nothing.status, 200, "{}", nothing.text);
        let areas = reported(&kit, &[(198, 3), (50, 20)]).await;
        assert!(!kit.get("", "/so-lieu/cong-khai").await.text.contains("198"), "not approved yet");
        approved(&kit, &which(&areas[0])).await;
        let page = kit.get("", "/so-lieu/cong-khai?dx=10.6").await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(page.text.contains("Không công bố"), "{}", page.text);
        for end in ["json", "csv"] {
            let told = kit.get("", &format!("/so-lieu/cong-khai.{end}?dx=10.6&ky={QUARTER}")).await;
            assert_eq!(told.status, 200, "{}", told.text);
            assert!(told.text.contains("suppressed"), "{}", told.text);
        }
        // A year beside its quarters would be a second table of the same cells.
        assert_eq!(kit.get("", "/so-lieu/cong-khai.json?dx=10.6&ky=nd09y-2026").await.status, 404);
        assert_eq!(kit.get("", "/so-lieu/cong-khai.json?dx=10.6:gt=nu").await.status, 422);
        assert_eq!(kit.get("", "/so-lieu/cong-khai.json?dx=bm09.nguoi").await.status, 422);
    }

    async fn an_attack_on_the_public_page_finds_no_small_cell(builder: KitBuilder) {
        let kit = started(builder).await;
        // Ten provinces with women and men, many of them small; numbers by a stated law.
        let mut seed = 20_261_122_u64;
        let mut next = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from((seed >> 33) % below).expect("small")
        };
        let mut texts = Vec::new();
        for n in 0..10 {
            let (women, men) = (next(9), next(40));
            texts.push((format!("c{n}"), format!("/vn/p{n}/c{n}/"), women, men));
        }
        let mut rows = Vec::new();
        for (area, path, women, men) in &texts {
            rows.push((area.as_str(), path.as_str(), QUARTER, "10.6", women + men));
            rows.push((area.as_str(), path.as_str(), QUARTER, "10.6:gt=nu", *women));
            rows.push((area.as_str(), path.as_str(), QUARTER, "10.6:gt=nam", *men));
        }
        put(&kit, &rows).await;
        let page = kit.get("", &format!("/so-lieu/cong-khai.csv?dx=10.6&ky={QUARTER}")).await;
        let mut known: std::collections::BTreeMap<(String, String), Option<i64>> = std::collections::BTreeMap::new();
        for line in page.text.lines().skip(1) {
            let parts: Vec<&str> = line.split(',').collect();
            let value = if parts[4] == "missing" { Some(0) } else { parts[5].parse().ok() };
            known.insert((parts[2].to_owned(), parts[3].to_owned()), value);
        }
        assert!(known.len() >= 44, "{}", page.text);
        let hidden_at_first: Vec<_> = known.iter().filter(|(_, value)| value.is_none()).map(|(at, _)| at.clone()).collect();
        assert!(hidden_at_first.len() >= 4, "{}", page.text);
        assert!(known.values().flatten().all(|value| !(1..5).contains(value)), "{}", page.text);
        let areas: std::collections::BTreeSet<String> = known.keys().map(|(area, _)| area.clone()).filter(|area| area != "vn").collect();
        loop {
            let mut lines: Vec<Vec<(String, String)>> = Vec::new();
            for area in areas.iter().cloned().chain(["vn".to_owned()]) {
                lines.push(["", "nam", "nu", "_"].map(|option| (area.clone(), option.to_owned())).to_vec());
            }
            for option in ["", "nam", "nu", "_"] {
                lines.push(std::iter::once("vn".to_owned()).chain(areas.iter().cloned()).map(|area| (area, option.to_owned())).collect());
            }
            let mut learnt = false;
            for line in lines {
                let open: Vec<_> = line.iter().filter(|at| known[*at].is_none()).cloned().collect();
                let [at] = open.as_slice() else { continue };
                let parts: i64 = line[1..].iter().filter_map(|at| known[at]).sum();
                let value = if *at == line[0] { parts } else { known[&line[0]].unwrap_or(0) - parts };
                known.insert(at.clone(), Some(value));
                learnt = true;
            }
            if !learnt {
                break;
            }
        }
        let learnt: Vec<_> = hidden_at_first.iter().filter(|at| known[*at].is_some()).collect();
        assert!(learnt.is_empty(), "read out by adding and subtracting: {learnt:?}\n{}", page.text);
    }

    async fn the_platform_counts_itself_and_says_so(builder: KitBuilder) {
        let kit = started(builder.offering(reporting::Computed(|_, period| {
            let id = period.id().to_owned();
            Box::pin(async move {
                let cell = |text: &str| reporting::model::CellKey::parse(text).expect("a cell");
                let one = |text: &str, amount| reporting::Counted {
                    cell: cell(text),
                    area: AreaId::parse(COMMUNE).expect("an id"),
                    path: kernel::scope::ScopePath::parse("/vn/19.2025/01969.2025/").expect("a path"),
                    amount,
                };
                // What is no computed element is not taken from anybody.
                Ok(if id == QUARTER { vec![one("td.diem", 4), one("td.diem.hoatdong", 3), one("10.6", 999)] } else { Vec::new() })
            })
        }))).await;
        for _ in 0..2 {
            computed::keep(&kit.app).await.expect("it counts");
        }
        let answer = asked(&kit, &question(&["*TD-diem", "td.baocao", "10.6"], &[QUARTER], "19.2025", AreaLevel::Province)).await;
        assert_eq!(told(&answer, 0, 0, 0).as_deref(), Some("75"));
        assert_eq!(answer.at(2, 0, 0).and_then(|one| one.gap), Some(Gap::NotReported));
        let page = kit.get(PROVINCE_OFFICER, &format!("/so-lieu/nguon?dx=td.diem&ky={QUARTER}&o={COMMUNE}")).await;
        assert!(page.text.contains("Hệ thống") && page.text.contains("Hệ thống tự tính"), "{}", page.text);
        assert!(reporting::actions::counts::are_true(kit.db()).await.expect("counted anew"));
        let published = public::publication(&kit.app, &Dx::parse("td.diem").expect("it"), &period(QUARTER)).await.expect("a table");
        assert!(published.rows.len() <= 1, "a running period is not published");
    }
}
