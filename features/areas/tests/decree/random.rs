//! Laws over made-up maps and made-up decrees: there and back gives the same, nothing overlaps or gaps, every
//! path is that of the parent and the own id.

use std::collections::{BTreeMap, HashMap};

use areas::model::{
    AreaId, AreaLevel, AreaType,
    decree::{
        DecreeId,
        plan::{Planned, plan},
        share,
        table::{Table, fuzz},
        world::{Piece, Span, Unit, World},
    },
};
use kernel::{clock::Day, scope::ScopePath};
use proptest::prelude::*;
use testkit::{KitBuilder, TestEngine};

use super::{apply, day, id, kept, state, today, undo};

/// Provinces, the communes of each, the villages of each commune.
type Shape = Vec<Vec<u8>>;

fn shape() -> impl Strategy<Value = Shape> {
    prop::collection::vec(prop::collection::vec(0_u8..3, 1..6), 1..4)
}

fn piece(
    code: Option<String>,
    name: &str,
    kind: AreaType,
    parent: Option<&AreaId>,
    path: ScopePath,
) -> Piece {
    Piece {
        from: day("2025-07-01"),
        until: Day::FOREVER,
        code,
        name: name.to_owned(),
        area_type: kind,
        parent: parent.cloned(),
        path,
        context: String::new(),
        event: None,
        instrument: String::new(),
    }
}

fn world(shape: &Shape, on: Day) -> World {
    let mut units = HashMap::new();
    let mut add = |id: &AreaId, piece: Piece| {
        let span = Span {
            born_on: piece.from,
            ended_on: Day::FOREVER,
            born_event: None,
            ended_event: None,
        };
        let unit =
            Unit { level: piece.area_type.level(), span, ended_by: None, pieces: vec![piece] };
        units.insert(id.clone(), unit);
    };
    let country = AreaId::country();
    let root = ScopePath::root().child("vn");
    add(&country, piece(None, "Việt Nam", AreaType::Country, None, root.clone()));
    for (p, communes) in shape.iter().enumerate() {
        let code = format!("{:02}", p + 10);
        let province = id(&format!("{code}.2025"));
        let above = root.child(province.as_str());
        add(
            &province,
            piece(
                Some(code),
                &format!("Tỉnh {p}"),
                AreaType::Province,
                Some(&country),
                above.clone(),
            ),
        );
        for (c, villages) in communes.iter().enumerate() {
            let code = format!("{:05}", p * 100 + c + 10);
            let commune = id(&format!("{code}.2025"));
            let path = above.child(commune.as_str());
            add(
                &commune,
                piece(
                    Some(code),
                    &format!("Xã {p} {c}"),
                    AreaType::RuralCommune,
                    Some(&province),
                    path.clone(),
                ),
            );
            for v in 0..*villages {
                let village = id(&format!("v{p}-{c}-{v}"));
                add(
                    &village,
                    piece(
                        None,
                        "Nà Pài",
                        AreaType::Thon,
                        Some(&commune),
                        path.child(village.as_str()),
                    ),
                );
            }
        }
    }
    World::new(on, units, HashMap::new())
}

/// Where each commune goes: `(choice, other)` drawn for each, made into rows that hold together.
fn rows(shape: &Shape, draws: &[(u8, u8)]) -> Vec<[String; 9]> {
    let codes: Vec<(usize, String)> = shape
        .iter()
        .enumerate()
        .flat_map(|(p, communes)| {
            (0..communes.len()).map(move |c| (p, format!("{:05}", p * 100 + c + 10)))
        })
        .collect();
    let mut rows = Vec::new();
    let mut row = |old: &str, kind: &str, new: &str, name: &str, parent: &str, share: &str| {
        let basis = if share.is_empty() { "" } else { "dân số" };
        rows.push([old, "", kind, new, name, "", parent, share, basis].map(str::to_owned));
    };
    let mut at = 0;
    let mut index = 0;
    while at < codes.len() {
        let (choice, other) = draws[index % draws.len()];
        index += 1;
        let (p, code) = &codes[at];
        let next = codes.get(at + 1).filter(|(q, _)| q == p).map(|(_, code)| code);
        let parent = format!("{:02}", p + 10);
        match (choice % 5, next) {
            (0, _) => row(code, "đổi tên", "", &format!("Mới {other}"), "", ""),
            (1, Some(next)) => {
                row(code, "", code, "", &parent, "");
                row(next, "", code, "", "", "");
                at += 1;
            }
            (2, Some(next)) => {
                row(code, "", code, "", "", "1/3");
                row(code, "", next, "", "", "2/3");
                row(next, "", next, "", "", "");
                at += 1;
            }
            (3, _) => {
                let to = format!("{:02}", usize::from(other) % shape.len() + 10);
                if to != parent {
                    row(code, "đổi cấp trên", "", "", &to, "");
                }
            }
            (4, _) => {
                row(code, "chia", code, "", "", "");
                row(code, "chia", &format!("9{at:04}"), "Xã lập mới", &parent, "");
            }
            _ => {}
        }
        at += 1;
    }
    rows
}

fn check(world: &Planned) {
    let mut ended: BTreeMap<&AreaId, Day> = BTreeMap::new();
    for (id, unit) in world.world.all() {
        ended.insert(id, unit.span.ended_on);
        let mut at = unit.span.born_on;
        for piece in &unit.pieces {
            assert_eq!(piece.from, at, "{id} gaps or overlaps");
            assert!(piece.from < piece.until, "{id}");
            at = piece.until;
        }
        assert_eq!(
            at,
            if unit.level == AreaLevel::Village { Day::FOREVER } else { unit.span.ended_on },
            "{id}"
        );
    }
    for on in ["2026-12-31", "2027-01-01", "2028-05-05"].map(day) {
        let mut codes: BTreeMap<&str, &AreaId> = BTreeMap::new();
        for (id, unit) in world.world.all() {
            let Some(piece) = unit.at(on) else { continue };
            if let Some(code) = &piece.code {
                assert_eq!(codes.insert(code, id), None, "{code} on {on}");
            }
            let Some(parent) = &piece.parent else { continue };
            if let Some(above) = world.world.unit(parent).and_then(|above| above.at(on)) {
                assert_eq!(piece.path, above.path.child(id.as_str()), "{id} on {on}");
            } else {
                assert!(
                    unit.level == AreaLevel::Village && ended[parent] <= on,
                    "{id} hangs on nothing on {on}"
                );
            }
        }
    }
    let mut shares: BTreeMap<&AreaId, Vec<_>> = BTreeMap::new();
    for transfer in &world.transfers {
        shares.entry(&transfer.from).or_default().push(transfer.weight);
    }
    for (unit, weights) in shares {
        let known: Option<Vec<_>> = weights.into_iter().collect();
        assert!(known.is_none_or(|weights| share::sum_to_one(&weights)), "{unit}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_decree_does_facts_paths_codes_and_shares_stay_whole(shape in shape(), draws in prop::collection::vec(any::<(u8, u8)>(), 1..20)) {
        let table = Table::of_rows(rows(&shape, &draws));
        let decree = DecreeId::parse("vb").expect("an id");
        if !table.rows.is_empty() {
            let planned = plan(&decree, "Nghị quyết", &table, world(&shape, day("2027-01-01"))).unwrap_or_else(|wrong| panic!("{wrong:#?}"));
            check(&planned);
        }
    }

    #[test]
    fn any_bytes_give_a_table_or_problems(bytes: Vec<u8>) {
        fuzz(&bytes);
    }

    #[test]
    fn any_rows_give_a_plan_or_problems(shape in shape(), cells in prop::collection::vec(prop::array::uniform9("(000[0-9]{2}|1[0-3]|nhập|chia|đổi tên|giải thể|xã|tỉnh|1/2|dân số|vn|[a-z.]{0,6}|)"), 1..12)) {
        let table = Table::of_rows(cells);
        let decree = DecreeId::parse("vb").expect("an id");
        if let Ok(planned) = plan(&decree, "Nghị quyết", &table, world(&shape, day("2027-01-01"))) {
            check(&planned);
        }
    }
}

#[test]
fn random_decrees_one_after_the_other_are_taken_back_to_the_letter() {
    testkit::run(async {
        let kit = today(KitBuilder::on(TestEngine::Sqlite)).await;
        let living: Vec<String> = kit
            .db()
            .view(async |tx| Ok(areas::children(tx, &id("19.2025"), day("2026-11-01")).await?))
            .await
            .expect("communes")
            .into_iter()
            .filter_map(|area| area.code)
            .collect();
        let mut states = vec![state(&kit).await];
        let mut decrees = Vec::new();
        for (round, on) in
            ["2026-11-01", "2026-11-10", "2027-01-01", "2027-03-01"].iter().enumerate()
        {
            let codes: Vec<&String> = living.iter().skip(round * 7).take(5).collect();
            let [one, two, three, four, five] = codes[..] else {
                panic!("a province has more communes")
            };
            let csv = format!(
                "Mã cũ,Hình thức,Mã mới,Tên mới,Loại mới,Tỷ lệ,Căn cứ\n\
                 {one},,{one},,,,\n{two},,{one},,,,\n{three},,{three},,,3/7,số hộ\n\
                 {three},,{four},,,4/7,số hộ\n{four},,{four},,,,\n{five},đổi tên,,Mới {round},,,\n"
            );
            let decree = kept(&kit, on, &csv).await;
            apply(&kit, &decree).await;
            decrees.push(decree);
            states.push(state(&kit).await);
        }
        for (decree, before) in decrees.iter().zip(&states).rev() {
            undo(&kit, decree).await;
            assert_eq!(&state(&kit).await, before);
        }
        for (decree, after) in decrees.iter().zip(&states[1..]) {
            apply(&kit, decree).await;
            assert_eq!(&state(&kit).await, after);
        }
    });
}
