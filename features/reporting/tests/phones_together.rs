//! Forms that come at the same moment are taken together: what comes out of it, for each of them and in every table, is
//! what comes out when they are sent one after the other.

use std::collections::BTreeMap;

use areas::AreaId;
use futures_util::future::join_all;
use kernel::sql;
use reporting::{
    actions::{counts, entry, entry::Which},
    model::{CellState, submission::Step},
};
use testkit::Kit;

use crate::{
    cast::{COMMUNE, edit, leader, officer, started, step, typed, which},
    openrosa::{instance, submit_to},
};

/// The quarter whose forms come together, and the one whose forms come one after the other.
const QUARTERS: [&str; 2] = ["nd09q-2026-3", "nd09q-2026-2"];

/// A form, and by whom it is sent.
struct Form {
    who: String,
    xml: String,
}

/// A form of a commune for a quarter; its id is its own in each quarter.
fn form(quarter: &str, commune: &str, id: &str, answers: &str) -> Form {
    let report = format!("{quarter}.{commune}.f");
    Form {
        who: format!("Mai|commune_officer|/vn/19.2025/{commune}/"),
        xml: instance(&format!("uuid:{quarter}.{id}"), "", &report, answers),
    }
}

fn figures(women: usize, all: &str) -> String {
    format!(
        "<s_solieu><c_10.5b>2</c_10.5b><r_2><c_10.6>{all}</c_10.6><c_10.6_gt_nu>{women}</c_10.6_gt_nu></r_2></s_solieu>"
    )
}

/// A plain form from each commune, and among them whatever cannot go with the others.
fn forms(quarter: &str, communes: &[String]) -> Vec<Form> {
    let plain = |(at, commune): (usize, &String)| {
        form(quarter, commune, &format!("{at}"), &figures(at, "198"))
    };
    let mut all: Vec<Form> = communes.iter().enumerate().map(plain).collect();
    let [first, second, third, fourth, fifth, ..] = communes else { panic!("too few communes") };
    let words = "<s_khokhan><n_khokhan>Đường sạt lở</n_khokhan></s_khokhan>";
    all[2] = form(quarter, third, "loi", &format!("{}{words}", figures(7, "70")));
    all[3] = form(quarter, fourth, "sai", &figures(8, "tám mươi"));
    all[4] = form(quarter, fifth, "thua", &format!("{}<la>9</la>", figures(9, "90")));
    // The same once more, from a phone that heard no answer.
    all.push(form(quarter, first, "0", &figures(0, "198")));
    // A neighbour's report; a report that is signed; one that nobody can read.
    all.push(Form { who: all[1].who.clone(), ..form(quarter, third, "xa", &figures(1, "1")) });
    all.push(form(quarter, COMMUNE, "khoa", &figures(5, "50")));
    all.push(Form {
        xml: all[1].xml.replace("<baocao>", "<baocao>x"),
        ..form(quarter, second, "y", "")
    });
    all
}

async fn communes(kit: &Kit) -> Vec<String> {
    let province = AreaId::parse("19.2025").expect("an id");
    let all = kit
        .db()
        .view(async |tx| {
            let today = tx.now().day();
            Ok(areas::children(tx, &province, today).await?)
        })
        .await
        .expect("communes");
    let ids = all.into_iter().map(|area| area.id.to_string());
    ids.filter(|id| id != COMMUNE).take(14).collect()
}

fn report(quarter: &str, commune: &str) -> Which {
    Which { period: quarter.to_owned(), ..which(commune) }
}

/// What stands in a report: its cells with their versions, whether it was begun, its words.
async fn stands(
    kit: &Kit,
    quarter: &str,
    commune: &str,
) -> (BTreeMap<String, (CellState, i64)>, bool, usize) {
    let caller = testkit::caller("Mai", "commune_officer", &format!("/vn/19.2025/{commune}/"));
    let (_, sheet) =
        entry::open(&kit.app, &caller, &report(quarter, commune)).await.expect("it opens");
    let saved = sheet.saved_at().is_some();
    let cells =
        sheet.held.iter().map(|(key, held)| (key.text(), (held.state.clone(), held.version)));
    (cells.collect(), saved, sheet.narratives.len())
}

/// How many instances are kept of a quarter, and in how many lines of the log.
async fn kept(kit: &Kit, quarter: &str) -> (i64, i64) {
    let like = format!("%{quarter}.%");
    kit.db()
        .view(async |tx| {
            let instances = tx
                .one(sql!("select count(*) as value from reporting_openrosa where instance like $1"), &[like.as_str().into()])
                .await?;
            let lines = tx
                .one(
                    sql!("select count(*) as value from identity_audit where action = 'reporting.openrosa.received' and detail like $1"),
                    &[like.as_str().into()],
                )
                .await?;
            Ok((instances, lines))
        })
        .await
        .expect("counted")
}

async fn signed(kit: &Kit, quarter: &str) {
    let all = vec![
        edit("10.5b", 0, 2),
        edit("10.6", 0, 198),
        edit("10.3a", 0, 6),
        edit("10.6kp", 0, 306_105_000),
    ];
    let which = report(quarter, COMMUNE);
    typed(kit, &officer(kit), &which, all).await;
    step(kit, &leader(kit), &which.id(), Step::Certify, 1).await;
}

async fn sent(kit: &Kit, form: &Form) -> (u16, String) {
    let reply = submit_to(kit, &form.who, "/v1/projects/1/submission", &form.xml, &[]).await;
    (reply.status, reply.text)
}

testkit::on_both_engines! {
    async fn forms_that_come_together_come_to_what_they_come_to_one_by_one(builder: KitBuilder) {
        let kit = started(builder).await;
        let communes = communes(&kit).await;
        let [together, alone] = QUARTERS;
        signed(&kit, together).await;
        signed(&kit, alone).await;
        let said_together = join_all(forms(together, &communes).iter().map(|form| sent(&kit, form))).await;
        let mut said_alone = Vec::new();
        for form in forms(alone, &communes) {
            said_alone.push(sent(&kit, &form).await);
        }
        let taken = said_together.iter().filter(|(status, _)| *status == 201).count();
        assert_eq!(taken, communes.len() + 2, "{said_together:?}");
        for ((one, other), form) in said_together.iter().zip(&said_alone).zip(forms(together, &communes)) {
            // Of two that are the same, the later is told that it wrote nothing, and they may come in any order.
            assert_eq!(one.0, other.0, "{}: {} but {}", form.xml, one.1, other.1);
        }
        for commune in &communes {
            assert_eq!(stands(&kit, together, commune).await, stands(&kit, alone, commune).await, "{commune}");
        }
        assert_eq!(kept(&kit, together).await, kept(&kit, alone).await);
        assert_eq!(kept(&kit, together).await.0, i64::try_from(communes.len() + 1).expect("few"));
        assert!(counts::are_true(kit.db()).await.expect("counted anew"));
    }

    async fn of_two_for_one_report_that_come_together_one_stands_and_the_other_waits_beside_it(builder: KitBuilder) {
        let kit = started(builder).await;
        let communes = communes(&kit).await;
        let [quarter, _] = QUARTERS;
        let mut forms = forms(quarter, &communes[..6]);
        forms.push(form(quarter, &communes[1], "hai", &figures(33, "198")));
        let said = join_all(forms.iter().map(|form| sent(&kit, form))).await;
        assert_eq!(said.last().map(|(status, _)| *status), Some(201), "{said:?}");
        let (cells, ..) = stands(&kit, quarter, &communes[1]).await;
        let women = cells.get("10.6:gt=nu").map(|(state, version)| (state.clone(), *version));
        assert!(
            [1, 33].map(|women| Some((CellState::Value(women), 1))).contains(&women),
            "{women:?}"
        );
        let caller = testkit::caller("Mai", "commune_officer", &format!("/vn/19.2025/{}/", communes[1]));
        let (_, sheet) = entry::open(&kit.app, &caller, &report(quarter, &communes[1])).await.expect("it opens");
        assert_eq!(sheet.conflicts.len(), 1, "{:?}", sheet.conflicts);
        assert!(counts::are_true(kit.db()).await.expect("counted anew"));
    }
}
