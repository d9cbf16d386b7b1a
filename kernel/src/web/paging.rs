//! Pages of a long list.

use serde::Serialize;

/// Rows on one page of a list.
pub const PAGE_SIZE: usize = 20;

/// Where we are in a list, as the pagination macro wants it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Paging {
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    links: Vec<Link>,
    summary: String,
}

#[derive(Clone, Debug, Serialize)]
struct Link {
    label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    href: Option<String>,
    current: bool,
}

impl Paging {
    /// Page `at` (from 1) of a list of `total` rows. `base` is the URL to which `trang=N` is added.
    pub fn new(base: &str, at: usize, total: usize) -> Self {
        let last = total.div_ceil(PAGE_SIZE).max(1);
        let at = at.clamp(1, last);
        let joiner = if base.contains('?') { '&' } else { '?' };
        let href =
            |page: usize| (1..=last).contains(&page).then(|| format!("{base}{joiner}trang={page}"));
        let mut links = Vec::new();
        let mut before = 0;
        for page in (1..=last).filter(|page| *page == 1 || *page == last || page.abs_diff(at) <= 1)
        {
            if page > before + 1 {
                links.push(Link { label: "…".to_owned(), href: None, current: false });
            }
            links.push(Link { label: page.to_string(), href: href(page), current: page == at });
            before = page;
        }
        let from = (at - 1) * PAGE_SIZE + 1;
        let to = (at * PAGE_SIZE).min(total);
        let summary =
            if total == 0 { String::new() } else { format!("{from}–{to} trong {total}") };
        Self { previous: href(at.wrapping_sub(1)), next: href(at + 1), links, summary }
    }

    /// Rows to skip for page `at`.
    pub fn offset(at: usize) -> usize {
        at.saturating_sub(1).saturating_mul(PAGE_SIZE)
    }
}
