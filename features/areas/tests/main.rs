//! Areas, from the laws over the whole country down to one officer's form.

mod country;
mod decree;
mod finding;
mod hostile;
mod pages;
mod search_model;
mod villages;
mod wire;

/// A page's text with the slashes that templates escape inside attributes.
fn html(page: &testkit::Page) -> String {
    page.text.replace("&#x2f;", "/")
}
