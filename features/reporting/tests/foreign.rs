//! Programs that others wrote for DHIS2, SDMX and ODK Central, run against the whole site on a port of this
//! machine. They are Python packages (`dhis2.py dhis2-client dhis2-fetch pydhis2 sdmx1 pyodk`): without a Python that has them,
//! named by `TEST_FOREIGN_CLIENTS`, the tests say that they were skipped.

use kernel::{caller::Caller, clock::Day, scope::ScopePath};
use testkit::{Kit, KitBuilder, TestEngine};

use crate::cast::{PLACE, PROVINCE, started};

#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment where the packages are"
)]
fn python() -> Option<String> {
    std::env::var("TEST_FOREIGN_CLIENTS").ok().filter(|python| !python.is_empty())
}

const PASSWORD: &str = "con duong qua deo da noi hai bo";

/// An account that programs sign in with.
pub async fn account(kit: &Kit, username: &str, role: &str, scope: &str) {
    let scope = ScopePath::parse(scope).expect("a scope");
    let new = identity::actions::NewAccount {
        username: username.to_owned(),
        name: format!("Cán bộ {username}"),
        place: scope.clone(),
        password: Some(PASSWORD.to_owned()),
        roles: vec![identity::actions::NewRole {
            role: role.to_owned(),
            scope,
            from: Day::new(2020, 1, 1).expect("a day"),
            until: Day::FOREVER,
        }],
    };
    let system = Caller::system(kit.app.now());
    identity::actions::create_account(&system, kit.db(), new).await.expect("an account");
}

async fn run(client: &str) {
    let Some(python) = python() else {
        eprintln!("skipped: TEST_FOREIGN_CLIENTS names no Python with the packages");
        return;
    };
    let builder = KitBuilder::on(TestEngine::Sqlite).resolving(identity::resolve_caller);
    let kit = started(builder).await;
    account(&kit, "canbo", "commune_officer", PLACE).await;
    account(&kit, "canbotinh", "province_officer", PROVINCE).await;
    let socket = testkit::tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = socket.local_addr().expect("an address");
    let site = kit.site();
    #[expect(clippy::disallowed_methods, reason = "the test ends it by dropping its runtime")]
    let server = testkit::tokio::spawn(async move {
        kernel::axum::serve(socket, site).await.expect("the site is served");
    });
    let script = format!("{}/tests/foreign/{client}.py", env!("CARGO_MANIFEST_DIR"));
    let output = testkit::tokio::process::Command::new(python)
        .args([&script, &format!("http://{address}"), PASSWORD])
        .env("NO_PROXY", "127.0.0.1")
        .current_dir(&kit.folder)
        .output()
        .await
        .expect("the program runs");
    server.abort();
    let words = [output.stdout, output.stderr]
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .join("\n");
    assert!(output.status.success(), "{client}: {words}");
}

#[test]
fn dhis2_py_writes_reads_and_sums() {
    testkit::run(run("dhis2_py"));
}

#[test]
fn dhis2_client_lists_writes_and_reads() {
    testkit::run(run("dhis2_client_py"));
}

#[test]
fn dhis2_fetch_downloads_areas_items_and_figures() {
    testkit::run(run("dhis2_fetch_py"));
}

#[test]
fn pydhis2_pushes_pulls_and_analyses() {
    testkit::run(run("pydhis2_py"));
}

#[test]
fn sdmx1_reads_the_structure_and_the_figures() {
    testkit::run(run("sdmx1_py"));
}

#[test]
fn pyodk_sends_edits_and_reads_submissions() {
    testkit::run(run("pyodk_py"));
}

/// ODK Validate runs the engine of ODK Collect over a form. It comes with `pyxform` (PyPI) and needs Java:
/// `TEST_ODK_VALIDATE=…/pyxform/validators/odk_validate/bin/ODK_Validate.jar`.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told by the environment where the program is"
)]
fn odk_validate_accepts_every_shipped_form() {
    let Ok(jar) = std::env::var("TEST_ODK_VALIDATE") else {
        eprintln!("skipped: TEST_ODK_VALIDATE names no ODK_Validate.jar");
        return;
    };
    testkit::run(async move {
        let kit = started(KitBuilder::on(TestEngine::Sqlite)).await;
        let caller = Caller::system(kit.app.now());
        let catalogue =
            reporting::actions::catalogue::current(&kit.app).await.expect("definitions");
        for id in catalogue.datasets.keys() {
            let form = reporting::actions::openrosa::form_xml(&kit.app, &caller, id.as_str())
                .await
                .expect("a form");
            let path = kit.folder.join(format!("{id}.xml"));
            std::fs::write(&path, &form.xml).expect("it is written");
            let output = testkit::tokio::process::Command::new("java")
                .arg("-Djava.awt.headless=true")
                .arg("-jar")
                .arg(&jar)
                .arg(&path)
                .output()
                .await
                .expect("Java runs");
            let words = [output.stdout, output.stderr]
                .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
                .join("\n");
            assert!(output.status.success() && words.contains("Xform is valid"), "{id}: {words}");
        }
    });
}
