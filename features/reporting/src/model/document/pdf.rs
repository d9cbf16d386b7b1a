//! A document as a PDF file that can be printed and signed as it is: set here, line by line, without another
//! program, so that a commune gets it with the cable out. Its text can be searched, copied and heard.

mod file;
mod letters;
mod lines;
mod pages;
mod setting;
mod table;
mod tags;
#[cfg(test)]
mod tests;

use super::{
    Unwritten,
    blocks::{Block, Document, Paragraph, Role, Table},
};
use file::About;
use letters::Letters;
use pages::{Pages, room};
use setting::{Strip, kind, set};
use table::Plan;
use tags::{Kind, Tag, Tree};

/// The file.
///
/// # Errors
///
/// When the letters that the program brings along cannot be used.
pub(super) fn write(document: &Document) -> Result<Vec<u8>, Unwritten> {
    let letters = Letters::load()?;
    let mut setter =
        Setter { letters, tree: Tree::new(), pages: Pages::new(), title: None, after: 0.0 };
    for part in &document.parts {
        setter.part(part);
    }
    setter.foot(&document.foot);
    let Setter { mut letters, mut tree, pages, .. } = setter;
    let pages = pages.finish(&mut letters);
    let about = About::new(&document.title, &document.author);
    Ok(file::written(&about, &pages, &letters.carried()?, &mut tree))
}

/// Everything that is at hand while a document is set.
struct Setter {
    letters: Letters,
    tree: Tree,
    pages: Pages,
    /// The title, while its lines follow one another.
    title: Option<Tag>,
    /// What is left free below what stands last.
    after: f32,
}

impl Setter {
    /// A part of the document, on turned pages when one of its tables needs them.
    fn part(&mut self, blocks: &[Block]) {
        let plans: Vec<Option<Plan>> = blocks.iter().map(|block| self.plan(block)).collect();
        let turned = plans.iter().flatten().any(|plan| plan.turned);
        self.pages.turn(&mut self.letters, turned);
        let within = self.tree.add(Kind::Section, Tree::DOCUMENT);
        self.blocks(blocks, &plans, within);
    }

    /// Who signs: on the page of the last lines of the text, and never divided.
    fn foot(&mut self, blocks: &[Block]) {
        let plans: Vec<Option<Plan>> = blocks.iter().map(|block| self.plan(block)).collect();
        let within = self.tree.add(Kind::Section, Tree::DOCUMENT);
        self.pages.join();
        self.blocks(blocks, &plans, within);
    }

    fn plan(&mut self, block: &Block) -> Option<Plan> {
        match block {
            Block::Table(table) if table.ruled => {
                Some(table::plan(&mut self.letters, table, room(false), room(true)))
            }
            _ => None,
        }
    }

    fn blocks(&mut self, blocks: &[Block], plans: &[Option<Plan>], within: Tag) {
        for (at, (block, plan)) in blocks.iter().zip(plans).enumerate() {
            match (block, plan) {
                (Block::Paragraph(paragraph), _) => {
                    let next = blocks.get(at + 1);
                    self.paragraph(paragraph, stays(paragraph, next), within);
                }
                (Block::Table(Table { told: Some(told), .. }), Some(plan)) if plan.is_told() => {
                    for paragraph in told {
                        self.paragraph(paragraph, false, within);
                    }
                }
                (Block::Table(table), plan) => {
                    self.table(table, plan.as_ref(), within);
                    self.after = if table.ruled { 6.0 } else { 0.0 };
                }
            }
        }
    }

    fn paragraph(&mut self, paragraph: &Paragraph, stays: bool, within: Tag) {
        let tag = self.title.take().filter(|_| paragraph.role == Role::Title);
        let tag = tag.unwrap_or_else(|| self.tree.add(kind(paragraph), within));
        self.title = Some(tag).filter(|tag| tag.kind == Kind::Title);
        let width = room(self.pages.is_turned()).width;
        let mut lines = set(&mut self.letters, paragraph, (width, 1.0), Some(tag));
        table::gap(&mut lines, &mut self.after, paragraph.after);
        let count = lines.len();
        for (at, line) in lines.into_iter().enumerate() {
            // No line alone at the foot of a page or at the head of the next.
            let keep = if at + 1 == count { stays } else { at == 0 || at + 2 == count };
            self.pages.push(&mut self.letters, Strip { keep, ..line });
        }
    }

    fn table(&mut self, table: &Table, plan: Option<&Plan>, within: Tag) {
        let Self { letters, tree, pages, after, .. } = self;
        let room = room(pages.is_turned());
        let mut before = *after;
        let place = |letters: &mut Letters, mut strip: Strip| {
            strip.before += std::mem::take(&mut before);
            pages.push(letters, strip);
        };
        match plan {
            Some(plan) => table::ruled((letters, tree), table, plan, (room, within), place),
            None => table::bare((letters, tree), table, (room, within), place),
        }
    }
}

/// True when a paragraph says what follows: a heading, a name, or a blank line before those who sign.
fn stays(paragraph: &Paragraph, next: Option<&Block>) -> bool {
    next.is_some() && (paragraph.role != Role::Text || paragraph.text.is_empty())
}
