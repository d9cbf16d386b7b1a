//! Dashboards that are sent: to whom may see them, with the figures of the moment, once for each time.

use kernel::caller::Caller;
use reporting::{
    actions::{analysis::dashboards, outward::schedules},
    model::{DashboardId, ScheduleId},
};

use super::{DAY_MS, HOUR_MS, Out};
use crate::{
    cast::{COMMUNE, PLACE, PROVINCE},
    review::sent,
};

/// A dashboard with the figures of the province's communes.
async fn board(out: &Out, owner: &Caller) -> DashboardId {
    let part = dashboards::Part {
        page: "bang".to_owned(),
        title: "Lượt người".to_owned(),
        query: "o=19.2025&dx=10.6&ky=nd09q-2026-4&so=1&cap=province".to_owned(),
    };
    let draft = dashboards::Draft {
        title: "Theo dõi điểm hỗ trợ".to_owned(),
        part: Some(part),
        ..dashboards::Draft::default()
    };
    dashboards::keep(&out.kit.app, owner, draft).await.expect("it is kept")
}

fn address(board: &DashboardId) -> String {
    format!("/so-lieu/bang-theo-doi/{board}/gui")
}

testkit::on_both_engines! {
    async fn a_dashboard_arrives_with_its_figures_each_week_and_missed_weeks_once(builder: KitBuilder) {
        let out = Out::start(builder).await;
        sent(&out.kit, COMMUNE, 198).await;
        let lan = out.reader("lan", "province_officer", PROVINCE).await;
        let board = board(&out, &out.caller(&lan).await).await;
        let before = out.post.brought().len();
        let weekly = [("nhip", "week:1"), ("gio", "8"), ("tep", "xlsx"), ("nguoi", "")];
        let done = out.kit.post(&lan, &address(&board), &weekly).await;
        assert_eq!(done.status, 303, "{}", done.text);
        out.after(HOUR_MS).await;
        assert!(out.letters(before).is_empty(), "on Sunday nothing is sent");
        out.after(20 * HOUR_MS).await;
        let letters = out.letters(before);
        assert_eq!(letters.len(), 1);
        let letter = &letters[0];
        assert_eq!(letter.subject, "Theo dõi điểm hỗ trợ");
        assert!(letter.text.contains("198") && letter.html.contains("198"), "{}", letter.text);
        assert!(letter.text.contains("1/92"), "how complete it is stands beside it: {}", letter.text);
        assert!(letter.text.contains("Số liệu tính đến") );
        let html = letter.html.replace("&#x2f;", "/");
        assert!(html.contains("https://nhipcau.example.gov.vn/so-lieu/") && !html.contains("href=\"/"), "{html}");
        assert!(!html.contains("<svg"), "{html}");
        assert_eq!(letter.files.len(), 1);
        let file = &letter.files[0];
        assert!(file.name.starts_with("theo-doi-diem-ho-tro-2026-11-23") && file.bytes.starts_with(b"PK"));
        // As the page gives it: what the figure is of, the figure as a number, how complete it is.
        let mut book: calamine::Xlsx<_> = calamine::Reader::new(std::io::Cursor::new(file.bytes.clone())).expect("a workbook");
        let names = calamine::Reader::sheet_names(&book);
        let range = calamine::Reader::worksheet_range(&mut book, &names[0]).expect("its sheet");
        let last = range.rows().next_back().expect("a row");
        assert_eq!((last[1].clone(), last[2].to_string()), (calamine::Data::Float(198.0), "1/92 đơn vị đã báo cáo".to_owned()));
        // The power was out for five weeks.
        out.after(36 * DAY_MS).await;
        assert_eq!(out.letters(before).len(), 2, "missed times are made up for once");
        out.after(DAY_MS).await;
        assert_eq!(out.letters(before).len(), 2);
    }

    async fn only_who_may_see_the_figures_is_a_reader(builder: KitBuilder) {
        let out = Out::start(builder).await;
        sent(&out.kit, COMMUNE, 198).await;
        let lan = out.reader("lan", "province_officer", PROVINCE).await;
        out.reader("binh", "province_leader", PROVINCE).await;
        out.reader("mai", "commune_officer", PLACE).await;
        let board = board(&out, &out.caller(&lan).await).await;
        let with = |names: &'static str| [("nhip", "week:1"), ("gio", "8"), ("tep", "csv"), ("nguoi", names)];
        let page = out.kit.post(&lan, &address(&board), &with("binh, mai")).await;
        assert_eq!(page.status, 422);
        assert!(page.text.contains("mai chưa được xem hết") && page.text.contains("binh, mai"), "{}", page.text);
        assert_eq!(out.kit.post(&lan, &address(&board), &with("khong.co.ai")).await.status, 422);
        assert_eq!(out.kit.post(&lan, &address(&board), &[("nhip", "week:9"), ("gio", "8")]).await.status, 422);
        assert_eq!(out.kit.post(&lan, &address(&board), &with("binh")).await.status, 303);
        let mai = out.person("mai.hai", "commune_officer", PLACE).await;
        assert_eq!(out.kit.get(&mai, &address(&board)).await.status, 404, "somebody else's dashboard");
        let shown = out.kit.get(&lan, &address(&board)).await;
        assert!(shown.status == 200 && shown.text.contains("Thứ hai hằng tuần") && shown.text.contains("binh"));
    }

    async fn whose_authority_ended_gets_nothing(builder: KitBuilder) {
        let out = Out::start(builder).await;
        sent(&out.kit, COMMUNE, 198).await;
        let lan = out.reader("lan", "province_officer", PROVINCE).await;
        let binh = out.reader("binh", "province_leader", PROVINCE).await;
        let board = board(&out, &out.caller(&lan).await).await;
        let form = [("nhip", "week:1"), ("gio", "8"), ("nguoi", "lan, binh")];
        assert_eq!(out.kit.post(&lan, &address(&board), &form).await.status, 303);
        let before = out.post.brought().len();
        let system = Caller::system(out.kit.app.now());
        let id = identity::AccountId::parse(&binh).expect("an id");
        identity::actions::suspend(&system, out.kit.db(), &id).await.expect("closed");
        out.after(21 * HOUR_MS).await;
        let to: Vec<String> = out.letters(before).into_iter().map(|one| one.to).collect();
        assert_eq!(to, ["lan@xa.gov.vn"]);
        let id = identity::AccountId::parse(&lan).expect("an id");
        identity::actions::suspend(&system, out.kit.db(), &id).await.expect("closed");
        identity::actions::reopen(&system, out.kit.db(), &identity::AccountId::parse(&binh).expect("an id")).await.expect("open");
        out.after(7 * DAY_MS).await;
        assert_eq!(out.letters(before).len(), 1, "what somebody set up does not outlive their duty");
    }

    async fn a_schedule_ends_with_its_dashboard_and_by_its_maker(builder: KitBuilder) {
        let out = Out::start(builder).await;
        let lan = out.reader("lan", "province_officer", PROVINCE).await;
        let caller = out.caller(&lan).await;
        let board = board(&out, &caller).await;
        let form = [("nhip", "due:diem-ho-tro"), ("gio", "8"), ("nguoi", "")];
        for _ in 0..2 {
            assert_eq!(out.kit.post(&lan, &address(&board), &form).await.status, 303);
        }
        let all = schedules::list(&out.kit.app, &caller, &board).await.expect("listed");
        assert_eq!(all.len(), 2);
        assert!(all.iter().all(|one| one.row.sends && one.row.next_at.short() == "08:00 17/12/2026"), "{all:?}");
        let binh = out.person("binh", "province_leader", PROVINCE).await;
        let end = format!("{}/{}/bo", address(&board), all[0].row.id);
        assert_eq!(out.kit.post(&binh, &end, &[]).await.status, 404);
        assert_eq!(out.kit.post(&lan, &end, &[]).await.status, 303);
        let before = out.post.brought().len();
        dashboards::remove(&out.kit.app, &caller, &board, None).await.expect("taken away");
        out.after(40 * DAY_MS).await;
        assert_eq!(out.letters(before).len(), 0);
        let none = ScheduleId::parse("0").expect("an id");
        assert!(schedules::end(&out.kit.app, &caller, &board, &none).await.is_err());
    }
}
