//! What the parts of a PDF file are to somebody who hears it or copies from it (ISO 32000-1 §14.7 and §14.8):
//! a tree beside the pages, whose leaves are numbered stretches of what the pages show.

/// What a part is. The names are those of the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Document,
    Section,
    Title,
    Heading,
    Paragraph,
    Table,
    Row,
    HeadCell,
    Cell,
}

impl Kind {
    pub fn name(self) -> &'static [u8] {
        match self {
            Self::Document => b"Document",
            Self::Section => b"Sect",
            Self::Title => b"H1",
            Self::Heading => b"H2",
            Self::Paragraph => b"P",
            Self::Table => b"Table",
            Self::Row => b"TR",
            Self::HeadCell => b"TH",
            Self::Cell => b"TD",
        }
    }
}

/// A part, by its place in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tag {
    pub at: u32,
    pub kind: Kind,
}

/// A part with what it is in.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub kind: Kind,
    /// None for the document.
    pub within: Option<u32>,
    /// What it shows: page, and number on that page.
    pub shows: Vec<(u32, u32)>,
}

/// The tree. A part comes after what it is in.
#[derive(Clone, Debug)]
pub(super) struct Tree(pub Vec<Node>);

impl Tree {
    /// The document with nothing in it.
    pub const DOCUMENT: Tag = Tag { at: 0, kind: Kind::Document };

    pub fn new() -> Self {
        Self(vec![Node { kind: Kind::Document, within: None, shows: Vec::new() }])
    }

    pub fn add(&mut self, kind: Kind, within: Tag) -> Tag {
        let at = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.0.push(Node { kind, within: Some(within.at), shows: Vec::new() });
        Tag { at, kind }
    }

    /// What is in each part, in order.
    pub fn within(&self) -> Vec<Vec<u32>> {
        let mut all = vec![Vec::new(); self.0.len()];
        for (at, node) in (0..).zip(&self.0) {
            if let Some(of) = node.within.and_then(|of| all.get_mut(of as usize)) {
                of.push(at);
            }
        }
        all
    }
}
