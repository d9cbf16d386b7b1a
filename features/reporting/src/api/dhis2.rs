//! The part of the DHIS2 Web API that programs report and read with.
//!
//! Every address is served with and without a version number (`/api/42/…`), and with the endings that DHIS2
//! knows (`.json`, `.csv`, `.xml`). What programs expect beyond the documents is said where it is done.

mod analytics;
mod approval;
mod complete;
mod fields;
mod filter;
mod lists;
mod relative;
mod system;
mod things;
mod value;
mod values;

pub(super) use values::not_known;

use kernel::{
    app::AppRef,
    axum::{
        Router,
        extract::DefaultBodyLimit,
        routing::{MethodRouter, get, post},
    },
};

/// Largest message that is taken in.
const BODY_MAX: usize = 64 * 1024 * 1024;

/// Serves an address in all of its spellings.
fn mount(
    router: Router<AppRef>,
    path: &str,
    endings: &[&str],
    method: &MethodRouter<AppRef>,
) -> Router<AppRef> {
    let mut router = router;
    for ending in std::iter::once(&"").chain(endings) {
        for base in ["/api", "/api/{version}"] {
            router = router.route(&format!("{base}/{path}{ending}"), method.clone());
        }
    }
    router
}

/// True for a path after `/api/` that is one of DHIS2's without a version.
pub(super) fn is_path(path: &str) -> bool {
    let first = path.split(['/', '.']).next().unwrap_or_default();
    [
        "system",
        "me",
        "userSettings",
        "analytics",
        "dataValueSets",
        "dataValues",
        "completeDataSetRegistrations",
        "dataApprovals",
    ]
    .contains(&first)
        || things::Class::by_plural(first).is_some()
        || things::EMPTY.contains(&first)
}

/// Every route.
pub(super) fn routes() -> Router<AppRef> {
    let json = [".json"];
    let mut router = Router::new();
    router = mount(router, "system/info", &json, &get(system::info));
    router = mount(router, "me", &json, &get(system::me));
    router = mount(router, "me/authorization", &json, &get(system::authorities));
    router = mount(router, "userSettings", &json, &get(system::settings));
    for class in things::Class::ALL {
        router = mount(router, class.plural(), &json, &get(lists::list));
        // An ending is part of the last segment here, and is taken off in the handler.
        router = mount(router, &format!("{}/{{uid}}", class.plural()), &[], &get(lists::one));
    }
    for base in ["/api", "/api/{version}"] {
        router = router.route(&format!("{base}/organisationUnits.geojson"), get(lists::geojson));
    }
    for step in ["merge", "split"] {
        let path = format!("organisationUnits/{step}");
        router = mount(router, &path, &[], &post(approval::refuse));
    }
    router = mount(router, "dataApprovals", &json, &get(approval::show));
    for empty in things::EMPTY {
        router = mount(router, empty, &json, &get(lists::none));
    }
    let sets = get(values::export).post(values::import).layer(DefaultBodyLimit::max(BODY_MAX));
    router = mount(router, "dataValueSets", &[".json", ".csv", ".xml", ".adx"], &sets);
    let one = get(value::show).post(value::write).delete(value::remove);
    router = mount(router, "dataValues", &json, &one);
    let registrations = get(complete::list).post(complete::register);
    router = mount(router, "completeDataSetRegistrations", &json, &registrations);
    router = mount(router, "analytics", &[".json", ".csv"], &get(analytics::answer));
    mount(router, "analytics/dataValueSet", &json, &get(analytics::as_values))
}
