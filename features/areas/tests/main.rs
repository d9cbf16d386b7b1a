//! Areas, from the laws over the whole country down to one officer's form.

mod classes;
mod country;
mod decree;
mod finding;
mod frames;
mod hostile;
mod pages;
mod reading;
mod search_model;
mod view;
mod view_country;
mod view_pages;
mod villages;
mod villages_import;
mod villages_life;
mod wire;

/// A page's text with the slashes that templates escape inside attributes.
fn html(page: &testkit::Page) -> String {
    page.text.replace("&#x2f;", "/")
}
