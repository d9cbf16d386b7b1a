//! Every template of publishing with content it must survive: empty, typical, longest, hostile.

use kernel::web::{Paging, Sample};

use super::{
    Choice,
    conflict::{CONFLICT, ConflictPage, Difference, SentField, Side},
    desk::{DESK, DeskPage, PREVIEW, PreviewPage, SummaryRow},
    dossier::{ConflictLine, DeskView, Happening, PictureLine, ReachLine, SoundLine, TextLine},
    edit::{EDIT_PAGE, EditPage, NEW, NewPage, Preview, UploadForm},
    form::DraftForm,
    list::{LIST, Line, List, Tab},
    translation::{TRANSLATION, TranslationPage},
};
use crate::model::{
    draft::{Document, Source},
    markdown,
    reading::ArticleText,
    view::{ArticleView, LanguageLink, PictureView, Player},
};

const EVIL: &str = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>{{ 71827*10000 }}";
const AT: i64 = 1_795_330_800_000;

/// All samples.
pub(crate) fn all() -> Vec<Sample> {
    let long = "Hỗ trợ đất ở, nhà ở, đất sản xuất, nước sinh hoạt ".repeat(4);
    let mut samples = vec![
        LIST.sample(&List::default()),
        NEW.sample(&NewPage::default()),
        EDIT_PAGE.sample(&EditPage::default()),
        DESK.sample(&DeskPage::default()),
        TRANSLATION.sample(&TranslationPage::default()),
    ];
    for words in ["Nước sinh hoạt về bản", EVIL, long.as_str()] {
        samples.push(LIST.sample(&list(words)));
        samples.push(NEW.sample(&new(words)));
        samples.push(EDIT_PAGE.sample(&edit(words)));
        samples.push(DESK.sample(&desk_page(words)));
        samples.push(PREVIEW.sample(&preview(article(words), 0)));
        samples.push(PREVIEW.sample(&preview(article(words), 2)));
        samples.push(CONFLICT.sample(&conflict(words)));
        samples.push(TRANSLATION.sample(&translation(words)));
    }
    let nothing = ArticleView { text: None, players: Vec::new(), picture: None, ..article("x") };
    samples.push(PREVIEW.sample(&preview(nothing, 0)));
    samples
}

fn preview(article: ArticleView, discarded: u32) -> PreviewPage {
    let restore = if discarded > 0 { "/bien-tap/a1/khoi-phuc".to_owned() } else { String::new() };
    PreviewPage { id: "a1".to_owned(), article, discarded, restore }
}

fn text(words: &str) -> String {
    words.to_owned()
}

fn list(words: &str) -> List {
    List {
        asked: text(words),
        tab: "nhap".to_owned(),
        tabs: vec![
            Tab {
                href: "/bien-tap?muc=nhap".to_owned(),
                label: text(words),
                current: true,
                count: 1,
            },
            Tab {
                href: "/bien-tap?muc=da-go".to_owned(),
                label: text(words),
                current: false,
                count: 0,
            },
        ],
        rows: vec![
            Line {
                href: "/bien-tap/a1".to_owned(),
                title: text(words),
                kind: text(words),
                publisher: text(words),
                edited_by: text(words),
                edited_at: AT,
                state: text(words),
                state_kind: "warn".to_owned(),
                note: text(words),
                restore: String::new(),
            },
            Line {
                href: String::new(),
                title: text(words),
                restore: "/bien-tap/a1/khoi-phuc".to_owned(),
                ..Line::default()
            },
        ],
        pages: Paging::new("/bien-tap?muc=nhap", 2, 90),
        may_write: true,
    }
}

fn new(words: &str) -> NewPage {
    NewPage {
        title: text(words),
        kind: "news".to_owned(),
        home: "vn".to_owned(),
        kinds: vec![Choice::new("news", words)],
        homes: vec![Choice::new("vn", words), Choice::new("19.2025", words)],
        errors: Vec::new(),
    }
}

fn desk_view(words: &str) -> DeskView {
    DeskView {
        id: "a1".to_owned(),
        version: 2,
        revision: 7,
        discarded: vec![3, 1],
        is_published: true,
        has_old_sound: true,
        title: text(words),
        publisher: text(words),
        state: text(words),
        state_kind: "warn".to_owned(),
        edited_by: text(words),
        edited_at: AT,
        remark: text(words),
        reach: vec![
            ReachLine {
                audience: text(words),
                count: Some(12_345),
                villages: 40,
                unknown_villages: 3,
            },
            ReachLine { audience: text(words), count: None, villages: 0, unknown_villages: 0 },
        ],
        texts: vec![
            TextLine {
                tag: "vi".to_owned(),
                language: "Việt".to_owned(),
                title: text(words),
                exists: true,
                is_stale: false,
                source_version: 2,
            },
            TextLine {
                tag: "tyz".to_owned(),
                language: text(words),
                title: text(words),
                exists: true,
                is_stale: true,
                source_version: 1,
            },
            TextLine {
                tag: "ium".to_owned(),
                language: text(words),
                title: String::new(),
                exists: false,
                is_stale: false,
                source_version: 0,
            },
        ],
        sounds: ["ready", "waiting", "failed"].map(|state| sound(words, state)).to_vec(),
        picture: Some(PictureLine {
            src: "/tep/00".to_owned(),
            words: text(words),
            width: 320,
            height: 200,
        }),
        conflicts: vec![ConflictLine {
            href: "/bien-tap/a1/xung-dot/c1".to_owned(),
            name: text(words),
            at: AT,
        }],
        history: vec![Happening {
            when: "14:00 22/11/2026".to_owned(),
            who: text(words),
            text: text(words),
            kind: "done".to_owned(),
        }],
    }
}

fn sound(words: &str, state: &str) -> SoundLine {
    SoundLine {
        id: "s1".to_owned(),
        tag: "tyz".to_owned(),
        language: text(words),
        voice: text(words),
        name: text(words),
        state: text(words),
        state_kind: match state {
            "ready" => "online",
            "failed" => "failed",
            _ => "waiting",
        }
        .to_owned(),
        trouble: if state == "failed" { text(words) } else { String::new() },
        warnings: vec![text(words)],
        is_stale: true,
        source_version: 1,
        src: if state == "ready" { "/tep/01".to_owned() } else { String::new() },
        small_src: if state == "ready" { "/tep/02".to_owned() } else { String::new() },
        bytes: 300_000,
        small_bytes: 200_000,
        seconds: 100,
    }
}

fn edit(words: &str) -> EditPage {
    EditPage {
        desk: desk_view(words),
        errors: Vec::new(),
        form: DraftForm {
            kind: "legal_document".to_owned(),
            title: text(words),
            summary: text(words),
            body: text(words),
            areas: vec!["vn".to_owned()],
            themes: vec!["cdcs".to_owned()],
            audiences: vec!["people".to_owned()],
            languages: vec!["vi".to_owned()],
            source_name: text(words),
            source_url: text(words),
            source_date: text(words),
            document_number: text(words),
            document_authority: text(words),
            document_issued: text(words),
            document_effective: text(words),
            document_subject: text(words),
            expires: text(words),
            is_urgent: true,
        },
        uses: "c1".to_owned(),
        kinds: vec![Choice::new("legal_document", words)],
        areas: vec![Choice { value: "vn".to_owned(), label: text(words), hint: text(words) }],
        area_query: text(words),
        area_not_found: true,
        nested: vec![text(words)],
        themes: vec![Choice::new("cdcs", words)],
        audiences: vec![Choice::new("people", words)],
        languages: vec![Choice::new("vi", words)],
        other_languages: vec![Choice::new("cje", words)],
        preview: Some(Preview {
            title: text(words),
            summary: text(words),
            html: markdown::to_html(words),
        }),
        old_sound: true,
        upload: UploadForm {
            sound_language: "tyz".to_owned(),
            voice: text(words),
            picture_words: text(words),
        },
    }
}

fn desk_page(words: &str) -> DeskPage {
    DeskPage {
        desk: desk_view(words),
        errors: Vec::new(),
        rows: vec![SummaryRow { key: text(words), value: text(words) }],
        may_edit: true,
        may_approve: true,
        is_own_work: true,
        may_return: true,
        may_withdraw: true,
        may_correct: true,
        publish_day: text(words),
        publish_time: text(words),
        remark: text(words),
        reason: text(words),
        old_sound: true,
    }
}

fn article(words: &str) -> ArticleView {
    ArticleView {
        publication: "a1".to_owned(),
        version: 2,
        kind: text(words),
        themes: vec![text(words)],
        publisher: text(words),
        published_at: AT,
        text: Some(ArticleText {
            language: "tyz".to_owned(),
            title: text(words),
            summary: text(words),
            html: markdown::to_html(words),
            source_version: 1,
            is_stale: true,
            has_arrived: false,
        }),
        languages: vec![
            LanguageLink { tag: "vi".to_owned(), name: text(words), is_current: false },
            LanguageLink { tag: "tyz".to_owned(), name: text(words), is_current: true },
        ],
        players: [true, false]
            .map(|has_arrived| Player {
                tag: "tyz".to_owned(),
                language: text(words),
                voice: text(words),
                src: "/tep/01".to_owned(),
                bytes: 300_000,
                small_src: "/tep/02".to_owned(),
                small_bytes: 200_000,
                seconds: 100,
                has_arrived,
                is_stale: true,
            })
            .to_vec(),
        picture: Some(PictureView {
            src: "/tep/03".to_owned(),
            width: 1280,
            height: 800,
            small_src: "/tep/04".to_owned(),
            words: text(words),
        }),
        document: Some(Document {
            number: text(words),
            authority: text(words),
            issued: kernel::clock::Day::new(2023, 5, 12),
            effective: None,
            subject: text(words),
        }),
        source: Some(Source {
            name: text(words),
            url: "https://example.vn/".to_owned(),
            date: kernel::clock::Day::new(2019, 5, 22),
        }),
    }
}

fn conflict(words: &str) -> ConflictPage {
    let side = Side {
        name: text(words),
        at: AT,
        language: String::new(),
        rows: vec![Difference { field: text(words), value: text(words), differs: true }],
    };
    ConflictPage {
        id: "a1".to_owned(),
        conflict: "c1".to_owned(),
        action: "/bien-tap/a1".to_owned(),
        there: side.clone(),
        kept: side,
        fields: vec![SentField { name: "title".to_owned(), value: text(words) }],
        edit_href: "/bien-tap/a1".to_owned(),
        may_send: true,
    }
}

fn translation(words: &str) -> TranslationPage {
    TranslationPage {
        id: "a1".to_owned(),
        tag: "tyz".to_owned(),
        language: text(words),
        errors: Vec::new(),
        source_title: text(words),
        source_summary: text(words),
        source_html: markdown::to_html(words),
        title: text(words),
        summary: text(words),
        body: text(words),
        html: markdown::to_html(words),
        base: AT,
        uses: "c1".to_owned(),
        exists: true,
        is_stale: true,
    }
}
