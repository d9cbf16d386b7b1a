//! Pages as a PDF file (ISO 32000-1): faces of which only what is shown is carried, the text behind the glyphs,
//! and the tree of parts. The same document gives the same bytes: there is no clock in it.

use pdf_writer::{
    Chunk, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr,
    types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap},
};

use super::{
    letters::{Carried, cleaned},
    pages::{Page, deflated},
    tags::{Kind, Tree},
};

/// Grey without a device: D65, and the usual curve.
const WHITE: [f32; 3] = [0.9505, 1.0, 1.089];
const CURVE: f32 = 2.2;
const GLYPHS: SystemInfo<'static> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
/// A title is no longer than so many letters.
const TITLE: usize = 200;

/// What the file says of itself.
pub(super) struct About {
    pub title: String,
    pub author: String,
}

impl About {
    pub fn new(title: &str, author: &str) -> Self {
        let short = |text: &str| cleaned(text).chars().take(TITLE).collect();
        Self { title: short(title), author: short(author) }
    }
}

/// Numbers of objects, one after the other.
struct Numbers(i32);

impl Numbers {
    fn next(&mut self) -> Ref {
        self.0 += 1;
        Ref::new(self.0)
    }
}

/// The file.
pub(super) fn written(
    about: &About,
    pages: &[Page],
    faces: &[Option<Carried>],
    tree: &mut Tree,
) -> Vec<u8> {
    for (at, page) in (0..).zip(pages) {
        for (number, tag) in (0..).zip(&page.tags) {
            if let Some(node) = tree.0.get_mut(tag.at as usize) {
                node.shows.push((at, number));
            }
        }
    }
    let mut numbers = Numbers(0);
    let mut pdf = Pdf::new();
    pdf.set_version(1, 7);
    let [catalog, info, metadata, list, shared, root, parents] =
        std::array::from_fn(|_| numbers.next());
    let leaves: Vec<(Ref, Ref)> = pages.iter().map(|_| (numbers.next(), numbers.next())).collect();
    let nodes: Vec<Ref> = tree.0.iter().map(|_| numbers.next()).collect();

    let mut it = pdf.catalog(catalog);
    it.pages(list).lang(TextStr("vi-VN")).metadata(metadata);
    it.mark_info().marked(true);
    it.viewer_preferences().display_doc_title(true);
    it.pair(Name(b"StructTreeRoot"), root);
    it.finish();
    pdf.document_info(info).title(TextStr(&about.title)).author(TextStr(&about.author));
    let packet = packet(about);
    pdf.metadata(metadata, packet.as_bytes());

    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    pdf.pages(list).kids(leaves.iter().map(|leaf| leaf.0)).count(count);
    for ((number, page), (id, content)) in (0..).zip(pages).zip(&leaves) {
        let mut it = pdf.page(*id);
        it.parent(list)
            .media_box(Rect::new(0.0, 0.0, page.width, page.height))
            .contents(*content)
            .struct_parents(number);
        it.pair(Name(b"Resources"), shared).pair(Name(b"Tabs"), Name(b"S"));
        it.finish();
        pdf.stream(*content, &page.content).filter(Filter::FlateDecode);
    }
    let fonts: Vec<(String, Ref)> = (0..)
        .zip(faces)
        .filter_map(|(at, face): (usize, _)| {
            let id = font(&mut pdf, &mut numbers, face.as_ref()?);
            Some((format!("F{at}"), id))
        })
        .collect();
    resources(&mut pdf, shared, &fonts);
    parts(&mut pdf, tree, (root, parents), &nodes, &leaves);
    page_tags(&mut pdf, parents, pages, &nodes);
    let id = blake3::hash(pdf.as_bytes()).as_bytes()[..16].to_vec();
    pdf.set_file_id((id.clone(), id));
    pdf.finish()
}

fn resources(pdf: &mut Pdf, id: Ref, fonts: &[(String, Ref)]) {
    let mut it = pdf.indirect(id).dict();
    let mut named = it.insert(Name(b"Font")).dict();
    for (name, font) in fonts {
        named.pair(Name(name.as_bytes()), *font);
    }
    named.finish();
    let mut spaces = it.insert(Name(b"ColorSpace")).dict();
    let mut grey = spaces.insert(Name(b"DefaultGray")).array();
    grey.item(Name(b"CalGray"));
    let mut curve = grey.push().dict();
    curve.insert(Name(b"WhitePoint")).array().items(WHITE);
    curve.pair(Name(b"Gamma"), CURVE);
}

/// A face: a composite font whose codes are the numbers of the glyphs that the file carries (§9.7).
fn font(pdf: &mut Chunk, numbers: &mut Numbers, face: &Carried) -> Ref {
    let [whole, glyphs, measures, file, text] = std::array::from_fn(|_| numbers.next());
    let name = format!("{}+{}", part_of(&face.file), face.name);
    let name = Name(name.as_bytes());
    pdf.type0_font(whole)
        .base_font(name)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(glyphs)
        .to_unicode(text);
    let mut it = pdf.cid_font(glyphs);
    it.subtype(CidFontType::Type2)
        .base_font(name)
        .system_info(GLYPHS)
        .font_descriptor(measures)
        .default_width(0.0)
        .cid_to_gid_map_predefined(Name(b"Identity"));
    it.widths().consecutive(0, face.numbered.iter().map(|(_, advance)| f32::from(*advance)));
    it.finish();
    let [left, bottom, right, top] = face.bounds;
    let slanted = if face.italic { FontFlags::ITALIC } else { FontFlags::empty() };
    pdf.font_descriptor(measures)
        .name(name)
        .flags(FontFlags::SERIF | FontFlags::SYMBOLIC | slanted)
        .bbox(Rect::new(left, bottom, right, top))
        .italic_angle(face.slant)
        .ascent(face.ascent)
        .descent(face.descent)
        .cap_height(face.capitals)
        .stem_v(if face.bold { 140.0 } else { 84.0 })
        .font_file2(file);
    let packed = deflated(&face.file);
    let mut carried = pdf.stream(file, &packed);
    carried.filter(Filter::FlateDecode);
    carried.pair(Name(b"Length1"), i32::try_from(face.file.len()).unwrap_or(i32::MAX));
    carried.finish();
    let mut said = UnicodeCmap::new(Name(b"Custom"), GLYPHS);
    for (number, (letter, _)) in (0_u16..).zip(&face.numbered).skip(1) {
        said.pair(number, *letter);
    }
    pdf.cmap(text, &deflated(&said.finish())).filter(Filter::FlateDecode);
    whole
}

/// Six capitals that differ when what is carried differs (§9.6.4).
fn part_of(file: &[u8]) -> String {
    let hash = blake3::hash(file);
    hash.as_bytes().iter().take(6).map(|byte| char::from(b'A' + byte % 26)).collect()
}

/// The tree of parts (§14.7.2).
fn parts(
    pdf: &mut Chunk,
    tree: &Tree,
    (root, parents): (Ref, Ref),
    nodes: &[Ref],
    leaves: &[(Ref, Ref)],
) {
    let mut it = pdf.indirect(root).dict();
    it.pair(Name(b"Type"), Name(b"StructTreeRoot")).pair(Name(b"ParentTree"), parents);
    it.insert(Name(b"K")).array().items(nodes.iter().take(1));
    it.finish();
    let inner = tree.within();
    for ((node, id), inner) in tree.0.iter().zip(nodes).zip(&inner) {
        let within = node.within.and_then(|at| nodes.get(at as usize)).copied().unwrap_or(root);
        let mut it = pdf.indirect(*id).dict();
        it.pair(Name(b"Type"), Name(b"StructElem"))
            .pair(Name(b"S"), Name(node.kind.name()))
            .pair(Name(b"P"), within);
        let on = |page: u32| leaves.get(page as usize).map(|leaf| leaf.0);
        let first = node.shows.first().map(|shown| shown.0);
        if let Some(page) = first.and_then(on) {
            it.pair(Name(b"Pg"), page);
        }
        if node.kind == Kind::HeadCell {
            let mut says = it.insert(Name(b"A")).dict();
            says.pair(Name(b"O"), Name(b"Table")).pair(Name(b"Scope"), Name(b"Column"));
        }
        if inner.is_empty() && node.shows.is_empty() {
            continue;
        }
        let mut all = it.insert(Name(b"K")).array();
        for at in inner {
            if let Some(id) = nodes.get(*at as usize) {
                all.item(*id);
            }
        }
        for (page, number) in &node.shows {
            let number = i32::try_from(*number).unwrap_or(i32::MAX);
            match on(*page) {
                Some(leaf) if Some(*page) != first => {
                    let mut shown = all.push().dict();
                    shown
                        .pair(Name(b"Type"), Name(b"MCR"))
                        .pair(Name(b"Pg"), leaf)
                        .pair(Name(b"MCID"), number);
                }
                _ => {
                    all.item(number);
                }
            }
        }
    }
}

/// The way back: which part a stretch of a page belongs to (§14.7.4.4).
fn page_tags(pdf: &mut Chunk, parents: Ref, pages: &[Page], nodes: &[Ref]) {
    let mut it = pdf.indirect(parents).dict();
    let mut all = it.insert(Name(b"Nums")).array();
    for (number, page) in (0_i32..).zip(pages) {
        all.item(number);
        let of = page.tags.iter().filter_map(|tag| nodes.get(tag.at as usize).copied());
        all.push().array().items(of);
    }
}

/// What the file says of itself, for archives (XMP, ISO 16684-1).
fn packet(about: &About) -> String {
    let [title, author] =
        [&about.title, &about.author].map(|text| quick_xml::escape::escape(text.as_str()));
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\
         <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\
         <dc:format>application/pdf</dc:format>\
         <dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">{title}</rdf:li></rdf:Alt></dc:title>\
         <dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>\
         <dc:language><rdf:Bag><rdf:li>vi-VN</rdf:li></rdf:Bag></dc:language>\
         </rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end=\"r\"?>"
    )
}
