//! Every route asked by nobody, by somebody of the wrong place or role, and by the right one, from
//! one list (`routes.txt`). Routes are found by reading the source; those that the list leaves out
//! stand in `golden/uncovered-routes.txt`, which stays empty.

pub mod ground;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use kernel::axum::{body::Body, http::Method};
use testkit::{Kit, KitBuilder, TestEngine};

/// One line of the list.
struct Line {
    method: Method,
    route: String,
    node: &'static str,
    /// The address, with `$names` to be filled in.
    path: String,
    form: String,
    nobody: Vec<u16>,
    wrong: Vec<(String, u16)>,
    right: Vec<(String, u16)>,
}

const LIST: &str = include_str!("routes.txt");

/// Reads the list: lines of `METHOD route node path form nobody wrong right`, between spaces.
fn list() -> Vec<Line> {
    let lines = LIST.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .map(|line| read(line).unwrap_or_else(|| panic!("routes.txt: cannot read {line:?}")))
        .collect()
}

fn read(line: &str) -> Option<Line> {
    let parts: Vec<&str> = line.split_whitespace().collect();
    let [method, route, node, path, form, nobody, wrong, right] = parts[..] else { return None };
    Some(Line {
        method: method.parse().ok()?,
        route: route.to_owned(),
        node: ["hub", "point", "served"].into_iter().find(|known| *known == node)?,
        path: if path == "=" { route.to_owned() } else { path.to_owned() },
        form: if form == "-" { String::new() } else { form.to_owned() },
        nobody: nobody.split('/').map(str::parse).collect::<Result<_, _>>().ok()?,
        wrong: sessions(wrong)?,
        right: sessions(right)?,
    })
}

/// `role@scope=status,…`, or `-` for none. `id:role@scope` names the account.
fn sessions(text: &str) -> Option<Vec<(String, u16)>> {
    let one = |part: &str| {
        let (session, status) = part.rsplit_once('=')?;
        if session.is_empty() {
            return Some((String::new(), status.parse().ok()?));
        }
        let (who, scope) = session.split_once('@')?;
        let (id, role) = who.split_once(':').unwrap_or((who, who));
        Some((format!("{id}|{role}|{scope}"), status.parse().ok()?))
    };
    if text == "-" { Some(Vec::new()) } else { text.split(',').map(one).collect() }
}

/// Every route of the source: method and pattern.
pub fn discovered() -> BTreeSet<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders = vec![root.join("kernel/src"), root.join("server/src")];
    let features = std::fs::read_dir(root.join("features")).expect("the features are there");
    folders.extend(
        features.flatten().map(|entry| entry.path().join("src")).filter(|path| path.is_dir()),
    );
    let mut routes = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a source folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                routes.extend(routes_in(&std::fs::read_to_string(&path).expect("a source file")));
            }
        }
    }
    routes
}

/// What follows `.route(` up to its closing bracket: a pattern, and the methods it answers.
fn routes_in(source: &str) -> Vec<(String, String)> {
    let mut routes = Vec::new();
    for after in source.split(".route(").skip(1) {
        let mut depth = 1_usize;
        let end = after.find(|c| {
            depth = if c == '(' {
                depth + 1
            } else if c == ')' {
                depth - 1
            } else {
                depth
            };
            depth == 0
        });
        let call = &after[..end.unwrap_or(after.len())];
        let Some(pattern) = call.split('"').nth(1).filter(|pattern| pattern.starts_with('/'))
        else {
            continue;
        };
        for method in ["get", "post", "put", "delete", "patch", "any"] {
            let told = call
                .match_indices(&format!("{method}("))
                .any(|(at, _)| !call[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'));
            if told {
                routes.push((method.to_uppercase(), pattern.to_owned()));
            }
        }
    }
    routes
}

#[test]
fn the_list_names_every_route_and_the_golden_file_stays_empty() {
    let listed: BTreeSet<(String, String)> =
        list().into_iter().map(|line| (line.method.to_string(), line.route)).collect();
    let routes = discovered();
    assert!(routes.len() > 90, "only {} routes were found: the search is broken", routes.len());
    let uncovered: Vec<String> =
        routes.difference(&listed).map(|(method, path)| format!("{method} {path}\n")).collect();
    let golden =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/uncovered-routes.txt");
    let before = std::fs::read_to_string(&golden).expect("the golden file is there");
    if before != uncovered.concat() {
        std::fs::write(&golden, uncovered.concat()).expect("the golden file can be written");
    }
    assert!(uncovered.is_empty(), "add these to tests/routes.txt:\n{}", uncovered.concat());
    let gone: Vec<_> = listed.difference(&routes).collect();
    assert!(gone.is_empty(), "these routes are no more: {gone:?}");
}

#[test]
fn every_action_of_the_list_says_who_may_not() {
    // Whoever may do something must be told apart from somebody who may not: a line without a refusal
    // is a page for everybody, or one's own account.
    for line in list() {
        let open = line.nobody.iter().any(|status| [200, 303, 404, 422].contains(status))
            && line.wrong.is_empty();
        let is_own = line.route.starts_with("/tai-khoan") && line.nobody == [401];
        let guarded = !line.wrong.is_empty() || is_own;
        let is_wire = line.route.starts_with("/v1/");
        assert!(
            open || guarded || is_wire,
            "{} {} is neither open nor guarded",
            line.method,
            line.route
        );
        assert!(
            !line.right.is_empty() || is_wire,
            "{} {} has nobody who may",
            line.method,
            line.route
        );
    }
}

testkit::on_both_engines! {
    async fn every_route_of_a_hub_refuses_who_it_must(builder: KitBuilder) {
        ask_everything(builder, "hub").await;
    }
}

#[test]
fn every_route_of_a_point_refuses_who_it_must() {
    // Points have no other engine.
    testkit::run(ask_everything(KitBuilder::on(TestEngine::Sqlite).point(2), "point"));
}

async fn ask_everything(builder: KitBuilder, node: &str) {
    let kit = crate::town::whole(builder).await;
    let names = ground::lay(&kit).await;
    let mut wrong = Vec::new();
    for line in list().iter().filter(|line| line.node == node) {
        ask(&kit, line, &names, &mut wrong).await;
    }
    assert!(wrong.is_empty(), "{} answers are not as listed:\n{}", wrong.len(), wrong.join("\n"));
}

async fn ask(
    kit: &Kit,
    line: &Line,
    names: &BTreeMap<&'static str, String>,
    wrong: &mut Vec<String>,
) {
    let path = fill(&line.path, names);
    let form = fill(&line.form, names);
    let mut check = |who: &str, status: u16, expected: &[u16], text: &str| {
        if !expected.contains(&status) {
            let why: String = words_of(text).chars().take(160).collect();
            let listed = format!("{} {}", line.method, line.route);
            wrong.push(format!("{listed} by {who}: {status}, not {expected:?} ({path}) {why}"));
        }
    };
    let everybody = [(String::new(), &line.nobody[..])]
        .into_iter()
        .chain(
            line.wrong.iter().map(|(who, status)| (fill(who, names), std::slice::from_ref(status))),
        )
        .chain(
            line.right.iter().map(|(who, status)| (fill(who, names), std::slice::from_ref(status))),
        );
    for (who, expected) in everybody {
        if line.method == Method::GET {
            let page = kit.get(&who, &path).await;
            check(&who, page.status, expected, &page.text);
            continue;
        }
        // Programs call without a form: what they may post to stores nothing and knows no session.
        let by_program = ["/v1/", "/api/"].iter().any(|place| line.route.starts_with(place));
        if line.method == Method::POST && !by_program {
            // The same form without a token must never do anything, whoever sends it.
            let kind = Some("application/x-www-form-urlencoded");
            let bare = kit.send(&who, Method::POST, &path, kind, Body::from(form.clone())).await;
            check(
                &format!("{who} without a token"),
                bare.status,
                &[400, 401, 403, 404],
                &bare.text,
            );
            let fields = pairs(&form);
            let fields: Vec<_> =
                fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let page = if line.form.starts_with("multipart") {
                multipart(kit, &who, &path).await
            } else {
                kit.post(&who, &path, &fields).await
            };
            check(&who, page.status, expected, &page.text);
            continue;
        }
        let page = kit.send(&who, line.method.clone(), &path, None, Body::from(form.clone())).await;
        check(&who, page.status, expected, &page.text);
    }
}

/// A form with files, and none chosen.
async fn multipart(kit: &Kit, who: &str, path: &str) -> testkit::Page {
    let csrf = kit.csrf(who);
    let body =
        format!("--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n--x--\r\n");
    kit.send(who, Method::POST, path, Some("multipart/form-data; boundary=x"), Body::from(body))
        .await
}

fn pairs(form: &str) -> Vec<(String, String)> {
    let fields = form.split('&').filter_map(|pair| pair.split_once('='));
    fields.map(|(name, value)| (name.to_owned(), value.replace('+', " "))).collect()
}

/// Puts the real things in the place of `$names`, the longest name first.
fn fill(text: &str, names: &BTreeMap<&'static str, String>) -> String {
    let mut known: Vec<_> = names.iter().collect();
    known.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    let filled = known
        .iter()
        .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("${name}"), value));
    assert!(!filled.contains('$'), "{text}: nobody knows this name");
    filled
}

/// What a page says first, for messages.
fn words_of(html: &str) -> String {
    let main = html.split_once("<main").map_or(html, |(_, main)| main);
    let plain =
        main.split('<').filter_map(|part| part.split_once('>')).map(|(_, words)| words.trim());
    plain.filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" · ")
}
