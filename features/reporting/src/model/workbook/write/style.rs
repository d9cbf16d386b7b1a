//! How the workbook looks: locked cells plain or grey, open ones pale yellow.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

use crate::model::sheets::shown_as;

const OPEN: Color = Color::RGB(0xFF_F8_E1);
const GREY: Color = Color::RGB(0xEC_EC_EC);

/// Every format that is used.
pub(super) struct Style {
    pub title: Format,
    pub bold: Format,
    pub note: Format,
    pub heading: Format,
    pub label: Format,
    pub words: Format,
    pub open_text: Format,
    pub open_day: Format,
    pub nothing: Format,
    pub key: Format,
}

impl Style {
    pub fn new() -> Self {
        let base = || Format::new().set_font_name("Times New Roman").set_font_size(12);
        let cell = || base().set_border(FormatBorder::Thin).set_align(FormatAlign::VerticalCenter);
        let open = || cell().set_unlocked().set_background_color(OPEN).set_text_wrap();
        Self {
            title: base().set_bold().set_font_size(14),
            bold: base().set_bold(),
            note: base().set_italic(),
            heading: cell().set_bold().set_text_wrap().set_align(FormatAlign::Center),
            label: cell().set_text_wrap(),
            words: open().set_align(FormatAlign::Top),
            // Text, so that no program turns codes into numbers or dates.
            open_text: open().set_num_format("@"),
            open_day: open().set_num_format("dd/mm/yyyy"),
            nothing: cell().set_background_color(GREY),
            key: Format::new().set_unlocked(),
        }
    }

    /// An open cell for figures.
    pub fn open_number(decimals: u32) -> Format {
        figure(OPEN, decimals).set_unlocked()
    }

    /// A locked grey cell with a figure.
    pub fn grey_number(decimals: u32) -> Format {
        figure(GREY, decimals)
    }

    /// A label, so many steps to the right.
    pub fn indented(&self, steps: u8) -> Format {
        self.label.clone().set_indent(steps)
    }
}

fn figure(colour: Color, decimals: u32) -> Format {
    Format::new()
        .set_font_name("Times New Roman")
        .set_font_size(12)
        .set_border(FormatBorder::Thin)
        .set_background_color(colour)
        .set_align(FormatAlign::Right)
        .set_align(FormatAlign::VerticalCenter)
        .set_text_wrap()
        .set_num_format(shown_as(usize::try_from(decimals).unwrap_or(0)))
}
