//! Every page of the builder with what it must survive.

use kernel::web::Sample;

use super::{
    Choice, Head, Line,
    campaign::{CAMPAIGN, CampaignPage, DeadlineField},
    choice,
    dimensions::{
        DIMENSIONS, DimensionForm, DimensionLine, DimensionsPage, OptionLine as DimensionOption,
        Tick,
    },
    draft::{DRAFT, DraftPage, SectionLine},
    elements::{ELEMENTS, ElementForm, ElementLine, ElementsPage},
    head::{DeadlineLine, HEAD, HeadPage},
    list::{DraftLine, LIST, ListPage, NEW, NewPage, SetLine},
    one::{ONE, OnePage, OwedLine, SheetLine, VersionLine},
    rules::{RULES, RuleLine, RulesPage},
    section::{
        ColumnLine, NarrativeForm, RowLine, SECTION, SectionPage, TableForm,
        growing::{Column, GrowingForm},
    },
};

const HOSTILE: &str = "<script>alert(1)</script> “&'\"";
const LONG: &str = "Lượt người có uy tín trong đồng bào dân tộc thiểu số được cung cấp thông tin, tập huấn, bồi dưỡng kiến thức pháp luật";

/// Everything that must render.
pub(crate) fn all() -> Vec<Sample> {
    let mut all = lists();
    all.extend(drafts());
    all.extend(sections());
    all
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn choices() -> Vec<Choice> {
    vec![choice("xa", LONG), choice("10.6", HOSTILE)]
}

fn head() -> Head {
    Head {
        base: text("/bao-cao/bieu/nhap/x"),
        title: text(HOSTILE),
        code: text("diem-ho-tro"),
        version: 3,
        by: text("Lan, 22/11/2026 14:05"),
        may_write: true,
    }
}

fn set() -> SetLine {
    SetLine {
        href: text("/bao-cao/bieu/diem-ho-tro"),
        code: text("diem-ho-tro"),
        title: text(HOSTILE),
        scheme: text("Quý (chốt ngày 14 tháng cuối quý)"),
        tier: text("Cấp xã"),
        state: text("Đang báo cáo"),
        kind: "done",
    }
}

fn draft() -> DraftLine {
    DraftLine {
        href: text("/bao-cao/bieu/nhap/x"),
        title: text(LONG),
        code: text("dx-20261122-1"),
        by: text(HOSTILE),
    }
}

fn lists() -> Vec<Sample> {
    vec![
        LIST.sample(&ListPage::default()),
        LIST.sample(&ListPage {
            q: text(HOSTILE),
            rows: vec![set()],
            drafts: vec![draft()],
            may_define: true,
            is_hub: true,
        }),
        ONE.sample(&OnePage::default()),
        ONE.sample(&OnePage {
            set: set(),
            basis: text(HOSTILE),
            from: text("01/01/2026"),
            until: text("31/12/2026"),
            areas: vec![text("Tỉnh Thái Nguyên"), text(HOSTILE)],
            deadlines: vec![text(LONG)],
            versions: vec![VersionLine {
                version: 2,
                by: text(HOSTILE),
                at: text("22/11/2026"),
                in_force: true,
            }],
            owed: vec![OwedLine {
                period: text("Quý IV/2026"),
                words: text("92 đơn vị"),
                href: text("/bao-cao/duyet"),
            }],
            sheets: vec![SheetLine {
                code: text("10.6"),
                name: text(LONG),
                unit: text("lượt người"),
                law: text("Cộng dồn"),
                concept: text(HOSTILE),
            }],
            drafts: vec![draft()],
            may_define: true,
            ended: String::new(),
            answered: text(LONG),
            may_end: true,
            reason: text(HOSTILE),
            errors: Vec::new(),
        }),
        ONE.sample(&OnePage {
            set: set(),
            from: text("22/11/2026"),
            until: text("24/11/2026"),
            deadlines: vec![text(LONG)],
            owed: vec![OwedLine {
                period: text("Đợt từ 22/11/2026 đến 04/12/2026"),
                words: text(HOSTILE),
                href: text("/bao-cao/duyet"),
            }],
            ended: text(HOSTILE),
            ..OnePage::default()
        }),
        NEW.sample(&NewPage::default()),
        NEW.sample(&NewPage {
            title: text(HOSTILE),
            code: text("Sai mã"),
            from: text("xa"),
            sources: choices(),
            links: Vec::new(),
            errors: Vec::new(),
        }),
        CAMPAIGN.sample(&CampaignPage::default()),
        CAMPAIGN.sample(&CampaignPage {
            title: text(HOSTILE),
            basis: text(LONG),
            from: text("xa"),
            sources: choices(),
            questions: text(HOSTILE),
            units: vec!["hộ", "triệu đồng"],
            files: true,
            tier: text("xa"),
            tiers: choices(),
            deadlines: vec![DeadlineField {
                name: "due_commune",
                label: text("Hạn của cấp xã"),
                value: text("04/12/2026"),
                optional: false,
            }],
            areas: choices(),
            place: text(HOSTILE),
            places: Vec::new(),
            errors: Vec::new(),
        }),
    ]
}

fn drafts() -> Vec<Sample> {
    vec![
        DRAFT.sample(&DraftPage::default()),
        DRAFT.sample(&DraftPage {
            head: head(),
            facts: vec![text(LONG)],
            sections: vec![SectionLine {
                index: 0,
                href: text("/bao-cao/bieu/nhap/x/muc/solieu"),
                title: text(HOSTILE),
                kind: text("Bảng số liệu"),
            }],
            rules: 2,
            elements: 1,
            dimensions: 1,
            brought: vec![text(HOSTILE), text(LONG)],
            flaws: vec![Line { href: text("/x"), text: text(HOSTILE) }],
            changes: vec![text(HOSTILE)],
            shared: vec![text(HOSTILE)],
            before: Some(2),
            may_publish: true,
            own: true,
            beside: Some(Line { href: text("/x"), text: text(HOSTILE) }),
        }),
        HEAD.sample(&HeadPage::default()),
        HEAD.sample(&HeadPage {
            head: head(),
            title: text(HOSTILE),
            basis: text(LONG),
            form_title: text(LONG),
            form_basis: text(HOSTILE),
            scheme: text("xa"),
            schemes: choices(),
            tier: text("xa"),
            tiers: choices(),
            component: text("xa"),
            components: choices(),
            estimated: true,
            from: text("01/01/2026"),
            until: text("x"),
            deadlines: vec![DeadlineLine::default(); 2],
            whats: choices(),
            lives: choices(),
            areas: choices(),
            place: text(HOSTILE),
            places: Vec::new(),
            errors: Vec::new(),
        }),
        ELEMENTS.sample(&ElementsPage::default()),
        ELEMENTS.sample(&ElementsPage {
            head: head(),
            list: vec![ElementLine {
                code: text("10.6"),
                name: text(HOSTILE),
                unit: text("hộ"),
                law: text(LONG),
            }],
            form: ElementForm { name: text(HOSTILE), ..ElementForm::default() },
            units: choices(),
            laws: choices(),
            dimensions: choices(),
            errors: Vec::new(),
        }),
        DIMENSIONS.sample(&DimensionsPage::default()),
        DIMENSIONS.sample(&dimensions(true)),
        DIMENSIONS.sample(&dimensions(false)),
        RULES.sample(&RulesPage::default()),
        RULES.sample(&RulesPage {
            head: head(),
            rules: vec![RuleLine {
                code: text("k1"),
                check: text("[10.6{gt=nu}] <= [10.6]"),
                message: text(HOSTILE),
                severity: "error",
                reads: vec![text(LONG)],
                flaws: vec![text(HOSTILE)],
            }],
            severities: choices(),
            cells: choices(),
        }),
    ]
}

fn dimensions(fresh: bool) -> DimensionsPage {
    let option = |published| DimensionOption {
        code: text("ngheo"),
        name: text(HOSTILE),
        name_en: text(LONG),
        ended: published,
        published,
    };
    let tick = |fixed| Tick { value: text("10.6"), label: text(LONG), on: true, fixed };
    DimensionsPage {
        head: head(),
        list: vec![DimensionLine {
            code: text("loaiho"),
            name: text(HOSTILE),
            options: text(LONG),
            fresh,
        }],
        others: choices(),
        form: DimensionForm {
            fresh,
            published: !fresh,
            code: text("loaiho"),
            name: text(HOSTILE),
            name_en: text(HOSTILE),
            partition: true,
            sensitive: !fresh,
            options: if fresh { Vec::new() } else { vec![option(true), option(false)] },
            more: text(HOSTILE),
        },
        elements: vec![tick(true), tick(false)],
        errors: Vec::new(),
    }
}

fn sections() -> Vec<Sample> {
    let page = SectionPage {
        head: head(),
        code: text("solieu"),
        title: text(HOSTILE),
        hint: text(LONG),
        elements: choices(),
        units: choices(),
        options: choices(),
        ..SectionPage::default()
    };
    let column = ColumnLine { title: text(HOSTILE), at: vec![text("gt=nu"), String::new()] };
    let row = RowLine {
        there: true,
        number: text("1.1"),
        label: text(LONG),
        element: text("10.6"),
        name: text(HOSTILE),
        coords: text("gt=nu"),
        indent: "1".to_owned(),
        without: text("2"),
        required: true,
    };
    let table = TableForm {
        columns: vec![column],
        rows: vec![row, RowLine::default()],
        details: choices(),
        chosen: vec![text("xa")],
    };
    let growing = GrowingForm {
        max_rows: 200,
        columns: vec![Column {
            there: true,
            title: text(HOSTILE),
            part_of: text(HOSTILE),
            wholes: choices(),
            most: text(HOSTILE),
            in_period: true,
            ..Column::default()
        }],
        kinds: choices(),
    };
    let narrative = NarrativeForm { max_chars: 4_000, required: true };
    vec![
        SECTION.sample(&SectionPage::default()),
        SECTION.sample(&SectionPage { table: Some(table), ..page.clone() }),
        SECTION.sample(&SectionPage { growing: Some(growing), ..page.clone() }),
        SECTION.sample(&SectionPage { narrative: Some(narrative), ..page.clone() }),
        SECTION.sample(&SectionPage { max_files: Some(10), ..page }),
    ]
}
