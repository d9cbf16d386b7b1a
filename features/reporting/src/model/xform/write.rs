//! Writing an XForm. The same form gives the same text, byte by byte, so that clients know by its hash whether
//! they have it.

use std::{
    collections::BTreeMap,
    fmt::{self, Write},
};

use super::{
    layout::{FILES_FIELDS, Layout, Part, PartBody, REPORT, Row},
    xpath,
};
use crate::model::{
    DataElement, ElementId,
    amount::{Unit, plain_amount, unit},
    cell::CellKey,
    form::{ColumnKind, RowColumn, RowTable, SectionBody, Severity},
    formula::{Formula, Rational},
    xml::escape,
};

/// The file with the reports that may be filled in: name, label.
pub const REPORTS_FILE: &str = "baocao.csv";
/// The file with the components of programmes: name, label.
pub const COMPONENTS_FILE: &str = "thanhphan.csv";

const NAMESPACES: &str = "xmlns=\"http://www.w3.org/2002/xforms\" xmlns:h=\"http://www.w3.org/1999/xhtml\" \
    xmlns:ev=\"http://www.w3.org/2001/xml-events\" xmlns:jr=\"http://openrosa.org/javarosa\" \
    xmlns:orx=\"http://openrosa.org/xforms\" xmlns:odk=\"http://www.opendatakit.org/xforms\" \
    xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\"";
const STATES: [(&str, &str); 3] =
    [("kps", "Không phát sinh"), ("ksl", "Không có số liệu"), ("sau", "Để trống, báo cáo sau")];

/// What is written.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The form, laid out.
    pub layout: &'a Layout<'a>,
    /// What is counted.
    pub elements: &'a BTreeMap<ElementId, DataElement>,
}

/// The XForm.
pub fn write(asked: &Asked<'_>) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = whole(asked, &mut text);
    text
}

impl Layout<'_> {
    /// True when a question chooses among the components of programmes.
    pub fn asks_for_components(&self) -> bool {
        self.parts.iter().any(|part| match &part.body {
            PartBody::Grown { table, .. } => {
                table.columns.iter().any(|column| column.kind == ColumnKind::Component)
            }
            _ => false,
        })
    }
}

fn whole(asked: &Asked<'_>, out: &mut String) -> fmt::Result {
    let form = asked.layout.form;
    let title = escape(&form.title);
    write!(
        out,
        "<?xml version=\"1.0\"?>\n<h:html {NAMESPACES}>\n<h:head><h:title>{title}</h:title>\n"
    )?;
    write!(
        out,
        "<model odk:xforms-version=\"1.0.0\">\n<instance><data id=\"{}\" version=\"{}\">",
        form.dataset, form.version
    )?;
    write!(out, "<{REPORT}/>")?;
    for part in &asked.layout.parts {
        instance(part, out)?;
    }
    out.push_str("<meta><instanceID/><instanceName/></meta></data></instance>\n");
    external("baocao", REPORTS_FILE, out)?;
    if asked.layout.asks_for_components() {
        external("thanhphan", COMPONENTS_FILE, out)?;
    }
    writeln!(out, "<bind nodeset=\"/data/{REPORT}\" type=\"string\" required=\"true()\"/>")?;
    let rules = conditions(asked);
    for part in &asked.layout.parts {
        binds(asked, part, &rules, out)?;
    }
    out.push_str("<bind nodeset=\"/data/meta/instanceID\" type=\"string\" readonly=\"true()\" jr:preload=\"uid\"/>\n");
    writeln!(
        out,
        "<bind nodeset=\"/data/meta/instanceName\" type=\"string\" calculate=\" /data/{REPORT} \"/>"
    )?;
    out.push_str("</model></h:head>\n<h:body>\n");
    let label = "Báo cáo của đơn vị nào, kỳ nào?";
    let hint = "Chỉ có những báo cáo bạn được nhập và chưa ký. Thiếu thì tải lại biểu khi có mạng.";
    writeln!(
        out,
        "<select1 ref=\"/data/{REPORT}\" appearance=\"minimal\"><label>{label}</label><hint>{hint}</hint>{}</select1>",
        itemset("baocao")
    )?;
    for part in &asked.layout.parts {
        body(asked, part, out)?;
    }
    out.push_str("</h:body>\n</h:html>\n");
    Ok(())
}

fn external(id: &str, file: &str, out: &mut String) -> fmt::Result {
    writeln!(out, "<instance id=\"{id}\" src=\"jr://file-csv/{file}\"/>")
}

fn itemset(id: &str) -> String {
    format!(
        "<itemset nodeset=\"instance('{id}')/root/item\"><value ref=\"name\"/><label ref=\"label\"/></itemset>"
    )
}

fn instance(part: &Part<'_>, out: &mut String) -> fmt::Result {
    let name = &part.name;
    match &part.body {
        PartBody::Table(rows) => {
            write!(out, "<{name}>")?;
            hint_node(part, out)?;
            for row in rows {
                if row.cells.is_empty() || row.is_group() {
                    write!(out, "<{}", row.name)?;
                    out.push_str(if row.cells.is_empty() { "/>" } else { ">" });
                }
                let said = row.said.iter().flat_map(|said| [&said.state, &said.reason]);
                for question in row.cells.iter().map(|cell| &cell.name).chain(said) {
                    write!(out, "<{question}/>")?;
                }
                if row.is_group() {
                    write!(out, "</{}>", row.name)?;
                }
            }
            write!(out, "</{name}>")
        }
        PartBody::Grown { columns, .. } => {
            write!(out, "<{name} jr:template=\"\">")?;
            for column in columns {
                write!(out, "<{column}/>")?;
            }
            write!(out, "</{name}>")
        }
        PartBody::Words { question, .. } => {
            write!(out, "<{name}>")?;
            hint_node(part, out)?;
            write!(out, "<{question}/></{name}>")
        }
        PartBody::Files => {
            let [file, caption] = FILES_FIELDS;
            write!(out, "<{name} jr:template=\"\"><{file}/><{caption}/></{name}>")
        }
    }
}

fn hint_node(part: &Part<'_>, out: &mut String) -> fmt::Result {
    if part.section.hint.is_empty() { Ok(()) } else { write!(out, "<{}/>", part.hint) }
}

/// What must hold where: the condition, and the words when it does not.
type Conditions = BTreeMap<CellKey, Vec<(String, String)>>;

/// Each rule stands at the last of its cells, when the others have been answered.
fn conditions(asked: &Asked<'_>) -> Conditions {
    let paths = asked.layout.paths();
    let mut all = Conditions::new();
    for rule in asked.layout.form.rules.iter().filter(|rule| rule.severity == Severity::Error) {
        let Ok(formula) = Formula::parse(&rule.check) else { continue };
        let inputs: Vec<&CellKey> =
            formula.inputs().into_iter().filter_map(|input| input.cell()).collect();
        let last = asked.layout.cells().into_iter().rev().find(|key| inputs.contains(key));
        let Some(last) = last else { continue };
        if let Some(said) = xpath::condition(&formula, last, &paths, asked.elements) {
            all.entry(last.clone()).or_default().push((said, rule.message.clone()));
        }
    }
    all
}

fn binds(asked: &Asked<'_>, part: &Part<'_>, rules: &Conditions, out: &mut String) -> fmt::Result {
    if !part.section.hint.is_empty()
        && !matches!(part.body, PartBody::Grown { .. } | PartBody::Files)
    {
        note_bind(&format!("{}/{}", part.path(), part.hint), out)?;
    }
    match &part.body {
        PartBody::Table(rows) => {
            for row in rows {
                row_binds(asked, part, row, rules, out)?;
            }
        }
        PartBody::Grown { table, columns } => {
            for (column, name) in table.columns.iter().zip(columns) {
                let required = if column.required { " required=\"true()\"" } else { "" };
                let kind = match &column.kind {
                    ColumnKind::Number { decimals, unit: code, .. } => {
                        number_type(unit(code), *decimals)
                    }
                    ColumnKind::Day => "date",
                    _ => "string",
                };
                write!(out, "<bind nodeset=\"{}/{name}\" type=\"{kind}\"{required}", part.path())?;
                constraint(&column_must(table, columns, column), out)?;
                out.push_str("/>\n");
            }
        }
        PartBody::Words { question, max_chars } => {
            let must = matches!(part.section.body, SectionBody::Narrative { required: true, .. });
            let required = if must { " required=\"true()\"" } else { "" };
            writeln!(
                out,
                "<bind nodeset=\"{}/{question}\" type=\"string\"{required} constraint=\"string-length(.) &lt;= {max_chars}\" \
                 jr:constraintMsg=\"Nhiều nhất {max_chars} ký tự\"/>",
                part.path()
            )?;
        }
        PartBody::Files => {
            let [file, caption] = FILES_FIELDS;
            writeln!(
                out,
                "<bind nodeset=\"{}/{file}\" type=\"binary\" required=\"true()\"/>",
                part.path()
            )?;
            writeln!(
                out,
                "<bind nodeset=\"{}/{caption}\" type=\"string\" required=\"true()\" constraint=\"string-length(.) &gt;= 3\" \
                 jr:constraintMsg=\"Ghi rõ ảnh chụp gì\"/>",
                part.path()
            )?;
        }
    }
    Ok(())
}

fn note_bind(path: &str, out: &mut String) -> fmt::Result {
    writeln!(out, "<bind nodeset=\"{path}\" type=\"string\" readonly=\"true()\"/>")
}

/// Phones keep whole numbers of at most nine digits; money needs more.
fn number_type(of: Option<&Unit>, decimals: u32) -> &'static str {
    if decimals == 0 && of.is_some_and(|of| of.kind != "money") { "int" } else { "decimal" }
}

fn not_negative() -> (String, String) {
    (". >= 0".to_owned(), "Số không được âm".to_owned())
}

fn whole_number() -> (String, String) {
    (". mod 1 = 0".to_owned(), "Chỉ nhận số nguyên".to_owned())
}

/// What must hold, as attributes of a bind; nothing where nothing must.
fn constraint(must: &[(String, String)], out: &mut String) -> fmt::Result {
    if must.is_empty() {
        return Ok(());
    }
    let said: Vec<String> = must.iter().map(|(said, _)| format!("({said})")).collect();
    let words: Vec<&str> = must.iter().map(|(_, words)| words.as_str()).collect();
    let (said, words) = (escape(&said.join(" and ")), escape(&words.join("; ")));
    write!(out, " constraint=\"{said}\" jr:constraintMsg=\"{words}\"")
}

/// What must hold of a number in a growing table (`row_checks.rs`). A day outside the period may be right: phones only
/// know to refuse, so it is asked about once it has arrived.
fn column_must(table: &RowTable, names: &[String], column: &RowColumn) -> Vec<(String, String)> {
    let Some((code, decimals)) = column.measure() else { return Vec::new() };
    let mut must = vec![not_negative()];
    if decimals == 0 {
        must.push(whole_number());
    }
    if let Some(most) = column.most() {
        let words = format!("Nhiều nhất là {}", column.told(most));
        must.push((format!(". <= {}", plain_amount(most, decimals)), words));
    }
    let whole = column.bounds.part_of.as_ref().and_then(|code| {
        let at = table.columns.iter().position(|one| one.code == *code)?;
        Some((&table.columns[at], names.get(at)?))
    });
    if let Some((whole, name)) = whole
        && let Some((of, its)) = whole.measure()
        && let Some((own, other)) = unit(code).zip(unit(of))
        && let Some(at_most) = at_most((own, decimals), (other, its), &format!("../{name}"))
    {
        let said = format!("../{name} = '' or {at_most}");
        must.push((said, format!("Không được lớn hơn “{}”", whole.title)));
    }
    must
}

/// That the answer is at most another one. Phones count in floating point: what is of different units is compared in
/// whole numbers of the finest decimal of both, so that equal amounts are equal there, too.
fn at_most(
    (own, decimals): (&Unit, u32),
    (other, its): (&Unit, u32),
    path: &str,
) -> Option<String> {
    let worth = Rational::new(own.num * other.den, other.num * own.den)?;
    if worth == Rational::ONE {
        return Some(format!(". <= {path}"));
    }
    let fine = 10_i128.checked_pow(decimals.max(its))?;
    let (own, other) = (worth.numerator() * fine, worth.denominator() * fine);
    Some(format!("round(. * {own}) <= round({path} * {other})"))
}

fn row_binds(
    asked: &Asked<'_>,
    part: &Part<'_>,
    row: &Row<'_>,
    rules: &Conditions,
    out: &mut String,
) -> fmt::Result {
    if row.cells.is_empty() {
        return note_bind(&format!("{}/{}", part.path(), row.name), out);
    }
    for cell in &row.cells {
        let Some(element) = asked.elements.get(&cell.key.element) else { continue };
        let mut must: Vec<(String, String)> = Vec::new();
        if matches!(element.law, areas::view::Law::Additive | areas::view::Law::Stock) {
            must.push(not_negative());
        }
        if element.decimals == 0 {
            must.push(whole_number());
        }
        must.extend(rules.get(&cell.key).into_iter().flatten().cloned());
        let kind = number_type(unit(&element.unit), element.decimals);
        write!(out, "<bind nodeset=\"{}\" type=\"{kind}\"", row.path(part, &cell.name))?;
        constraint(&must, out)?;
        out.push_str("/>\n");
    }
    let (Some(said), Some(first)) = (&row.said, row.cells.first()) else { return Ok(()) };
    let (first, state) = (row.path(part, &first.name), row.path(part, &said.state));
    writeln!(
        out,
        "<bind nodeset=\"{state}\" type=\"string\" required=\"true()\" relevant=\" {first} = ''\"/>"
    )?;
    writeln!(
        out,
        "<bind nodeset=\"{}\" type=\"string\" required=\"true()\" \
         relevant=\" {first} = '' and ( {state} = 'kps' or {state} = 'ksl')\" \
         constraint=\"string-length(.) &gt;= 3\" jr:constraintMsg=\"Ghi lý do\"/>",
        row.path(part, &said.reason)
    )
}

fn body(asked: &Asked<'_>, part: &Part<'_>, out: &mut String) -> fmt::Result {
    let title = escape(&part.section.title);
    writeln!(out, "<group ref=\"{}\"><label>{title}</label>", part.path())?;
    let hint = escape(&part.section.hint);
    let has_note = !matches!(part.body, PartBody::Grown { .. } | PartBody::Files);
    if !hint.is_empty() && has_note {
        writeln!(
            out,
            "<input ref=\"{}/{}\"><label>{hint}</label></input>",
            part.path(),
            part.hint
        )?;
    }
    match &part.body {
        PartBody::Table(rows) => {
            for row in rows {
                row_body(asked, part, row, out)?;
            }
        }
        PartBody::Grown { table, columns } => {
            writeln!(out, "<repeat nodeset=\"{}\">", part.path())?;
            for (at, (column, name)) in table.columns.iter().zip(columns).enumerate() {
                let hint = if at == 0 { hint.as_str() } else { "" };
                column_body(column, &format!("{}/{name}", part.path()), hint, out)?;
            }
            out.push_str("</repeat>\n");
        }
        PartBody::Words { question, .. } => {
            writeln!(
                out,
                "<input ref=\"{}/{question}\" appearance=\"multiline\"><label>{title}</label></input>",
                part.path()
            )?;
        }
        PartBody::Files => {
            let [file, caption] = FILES_FIELDS;
            let path = part.path();
            writeln!(out, "<repeat nodeset=\"{path}\">")?;
            writeln!(
                out,
                "<upload ref=\"{path}/{file}\" mediatype=\"image/*\"><label>Ảnh</label></upload>"
            )?;
            writeln!(
                out,
                "<input ref=\"{path}/{caption}\"><label>Ảnh chụp gì?</label></input>\n</repeat>"
            )?;
        }
    }
    out.push_str("</group>\n");
    Ok(())
}

fn row_body(asked: &Asked<'_>, part: &Part<'_>, row: &Row<'_>, out: &mut String) -> fmt::Result {
    let label = escape(&row_label(asked, row));
    if row.cells.is_empty() {
        return writeln!(
            out,
            "<input ref=\"{}/{}\"><label>{label}</label></input>",
            part.path(),
            row.name
        );
    }
    if row.is_group() {
        writeln!(
            out,
            "<group ref=\"{}/{}\" appearance=\"field-list\"><label>{label}</label>",
            part.path(),
            row.name
        )?;
    }
    for cell in &row.cells {
        let column = escape(&cell.column.title);
        let label = if row.is_group() && !column.is_empty() { &column } else { &label };
        writeln!(
            out,
            "<input ref=\"{}\"><label>{label}</label></input>",
            row.path(part, &cell.name)
        )?;
    }
    if let Some(said) = &row.said {
        let items = STATES
            .iter()
            .map(|(code, name)| format!("<item><label>{name}</label><value>{code}</value></item>"))
            .collect::<Vec<_>>()
            .concat();
        writeln!(
            out,
            "<select1 ref=\"{}\"><label>{label}: vì sao để trống?</label>{items}</select1>",
            row.path(part, &said.state)
        )?;
        writeln!(
            out,
            "<input ref=\"{}\"><label>{label}: lý do</label></input>",
            row.path(part, &said.reason)
        )?;
    }
    if row.is_group() {
        out.push_str("</group>\n");
    }
    Ok(())
}

/// Its number, its label or its element's name, and the unit.
fn row_label(asked: &Asked<'_>, row: &Row<'_>) -> String {
    let element = row.row.element.as_ref().and_then(|id| asked.elements.get(id));
    let name = element.map_or("", |one| one.name.as_str());
    let label = if row.row.label.is_empty() { name } else { &row.row.label };
    let number =
        if row.row.number.is_empty() { String::new() } else { format!("{}. ", row.row.number) };
    let of = element.and_then(|one| unit(&one.unit)).map(|of| format!(" ({})", of.name));
    format!("{number}{label}{}", of.unwrap_or_default())
}

fn column_body(column: &RowColumn, path: &str, hint: &str, out: &mut String) -> fmt::Result {
    let unit = match &column.kind {
        ColumnKind::Number { unit: code, .. } => unit(code).map(|of| format!(" ({})", of.name)),
        _ => None,
    };
    let label = escape(&format!("{}{}", column.title, unit.unwrap_or_default()));
    let hint = if hint.is_empty() { String::new() } else { format!("<hint>{hint}</hint>") };
    match &column.kind {
        ColumnKind::Choice(all) => {
            let items = all
                .iter()
                .map(|one| {
                    let (name, code) = (escape(&one.name), escape(&one.code));
                    format!("<item><label>{name}</label><value>{code}</value></item>")
                })
                .collect::<Vec<_>>()
                .concat();
            writeln!(out, "<select1 ref=\"{path}\"><label>{label}</label>{hint}{items}</select1>")
        }
        ColumnKind::Component => {
            let items = itemset("thanhphan");
            writeln!(
                out,
                "<select1 ref=\"{path}\" appearance=\"minimal\"><label>{label}</label>{hint}{items}</select1>"
            )
        }
        _ => writeln!(out, "<input ref=\"{path}\"><label>{label}</label>{hint}</input>"),
    }
}
