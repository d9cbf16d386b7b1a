//! The whole product on one screen, floor by floor.

use kernel::module::Module;

/// Every house of the town, ground floor first.
pub fn modules() -> Vec<Module> {
    vec![
        kernel::module(),
        // Ground: where and who.
        areas::module(),
        identity::module(),
        // Middle: what is said, and to whom it came.
        publishing::module(),
        reach::module(),
        // Top: how it travels and how it is read.
        delivery::module(),
        reporting::module(),
        portal::module(),
        // The roof: what the machine's keeper is told.
        crate::trouble::module(),
    ]
}
