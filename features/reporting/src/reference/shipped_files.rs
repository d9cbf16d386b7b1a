//! The shipped files, by name and content. What they mean is read in `reference`.

/// Name and content.
pub type Shipped = (&'static str, &'static str);

/// Programmes, dimensions, elements, indicators, targets, data sets.
pub const LISTS: [Shipped; 6] = [
    ("programmes.json", include_str!("../../data/programmes.json")),
    ("dimensions.json", include_str!("../../data/dimensions.json")),
    ("elements.json", include_str!("../../data/elements.json")),
    ("indicators.json", include_str!("../../data/indicators.json")),
    ("targets.json", include_str!("../../data/targets.json")),
    ("datasets.json", include_str!("../../data/datasets.json")),
];

/// The forms, in the order of the data sets.
pub const FORMS: [Shipped; 19] = [
    ("forms/diem-ho-tro.json", include_str!("../../data/forms/diem-ho-tro.json")),
    ("forms/bm-01.json", include_str!("../../data/forms/bm-01.json")),
    ("forms/bm-01-tinh.json", include_str!("../../data/forms/bm-01-tinh.json")),
    ("forms/bm-02.json", include_str!("../../data/forms/bm-02.json")),
    ("forms/bm-03.json", include_str!("../../data/forms/bm-03.json")),
    ("forms/bm-04.json", include_str!("../../data/forms/bm-04.json")),
    ("forms/bm-04-tinh.json", include_str!("../../data/forms/bm-04-tinh.json")),
    ("forms/bm-04-bo.json", include_str!("../../data/forms/bm-04-bo.json")),
    ("forms/bm-05.json", include_str!("../../data/forms/bm-05.json")),
    ("forms/bm-06.json", include_str!("../../data/forms/bm-06.json")),
    ("forms/bm-07.json", include_str!("../../data/forms/bm-07.json")),
    ("forms/bm-08.json", include_str!("../../data/forms/bm-08.json")),
    ("forms/bm-09.json", include_str!("../../data/forms/bm-09.json")),
    ("forms/bm-12a.json", include_str!("../../data/forms/bm-12a.json")),
    ("forms/bm-12b.json", include_str!("../../data/forms/bm-12b.json")),
    ("forms/bm-12c.json", include_str!("../../data/forms/bm-12c.json")),
    ("forms/bm-12d.json", include_str!("../../data/forms/bm-12d.json")),
    ("forms/bm-12e.json", include_str!("../../data/forms/bm-12e.json")),
    ("forms/bm-14.json", include_str!("../../data/forms/bm-14.json")),
];
