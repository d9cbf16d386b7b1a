//! Every page with everything it must survive: nothing, the usual, the longest, the hostile.

use kernel::web::{Paging, Sample};

use super::{
    Choice, Crumb, LanguageLink, Link, News,
    about::{ABOUT, ACCESS, MAP, Map, Plain},
    article::{ARTICLE, ArticlePage, Fact, Picture, Sound, SourceLine},
    confirm::{CONFIRM, Confirm},
    documents::{DOCUMENTS, Documents, Row},
    home::{Alert, HOME, Home, ThemeLink},
    list::{LIST, List},
    search::{AreaHit, SEARCH, Search},
};

mod kiosk;

/// All of them.
pub(crate) fn all() -> Vec<Sample> {
    let mut samples = vec![
        HOME.sample(&empty_home()),
        HOME.sample(&home("Hỗ trợ nước sinh hoạt phân tán: ai được, được bao nhiêu", 8)),
        HOME.sample(&home(&LONG.repeat(3), 12)),
        HOME.sample(&home(HOSTILE, 3)),
        LIST.sample(&list("", 0, false)),
        LIST.sample(&list("nuoc", 0, true)),
        LIST.sample(&list("nước sinh hoạt", 20, true)),
        LIST.sample(&list(HOSTILE, 2, true)),
        ARTICLE.sample(&empty_article()),
        ARTICLE.sample(&article("Điểm hỗ trợ ứng dụng công nghệ thông tin", true)),
        ARTICLE.sample(&article(&LONG.repeat(3), false)),
        ARTICLE.sample(&article(HOSTILE, true)),
        CONFIRM.sample(&confirm("Lịch tiêm chủng tháng 12", None)),
        CONFIRM.sample(&confirm(HOSTILE, Some("tyz"))),
        DOCUMENTS.sample(&documents("", 0)),
        DOCUMENTS.sample(&documents("330/QĐ-UBDT", 20)),
        DOCUMENTS.sample(&documents(HOSTILE, 0)),
        SEARCH.sample(&search("", 0)),
        SEARCH.sample(&search("nuoc sinh hoat", 6)),
        SEARCH.sample(&search(HOSTILE, 0)),
        MAP.sample(&Map { themes: Vec::new(), kinds: Vec::new() }),
        MAP.sample(&Map { themes: links(6), kinds: links(6) }),
        ABOUT.sample(&Plain {}),
        ACCESS.sample(&Plain {}),
    ];
    samples.extend(kiosk::all());
    samples
}

/// Text that must only ever be read.
pub(super) const HOSTILE: &str = "\"><script>alert('x')</script>&amp;{{ 7*7 }}' onmouseover=\"x";
/// A syllable-rich line without end.
pub(super) const LONG: &str = "Nghị quyết về nghiêng ngả, thưởng thức, khuếch trương, đường xuồng và những chữ dài khác của tiếng Việt ";

fn links(count: usize) -> Vec<Link> {
    (0..count)
        .map(|at| Link::new(format!("/tin?chu-de=c{at}"), "Y tế, phòng, chống các bệnh đặc thù"))
        .collect()
}

fn news(title: &str) -> News {
    News {
        href: "/tin/ho-tro-nuoc-0190af".to_owned(),
        title: title.to_owned(),
        summary: Some(title.repeat(2)),
        theme: Some("Môi trường, thiên tai".to_owned()),
        icon: "weather".to_owned(),
        date: "22/11/2026".to_owned(),
        listen_href: Some("/tin/ho-tro-nuoc-0190af#nghe".to_owned()),
        listen_seconds: 160,
        languages: vec!["Tày".to_owned(), "Nùng".to_owned()],
        lang: None,
        flag: None,
    }
}

fn empty_home() -> Home {
    Home {
        title: "Cả nước".to_owned(),
        is_own: true,
        crumbs: Vec::new(),
        alert: None,
        lead: None,
        news: Vec::new(),
        more_href: "/tin".to_owned(),
        themes: Vec::new(),
        most_read: Vec::new(),
        documents: Vec::new(),
        area_name: String::new(),
        old_names: String::new(),
        below: Vec::new(),
        below_label: "",
    }
}

fn home(title: &str, count: usize) -> Home {
    Home {
        title: format!("Xã {title}"),
        is_own: false,
        crumbs: vec![Crumb::link("/", "Trang nhất"), Crumb::here(title)],
        alert: Some(Alert {
            title: title.to_owned(),
            text: title.to_owned(),
            href: "/tin/lu-quet-0190b0".to_owned(),
            listen_href: (count > 3).then(|| "/tin/lu-quet-0190b0#nghe".to_owned()),
        }),
        lead: Some(news(title)),
        news: (1..count).map(|_| news(title)).collect(),
        themes: (0..6)
            .map(|_| ThemeLink {
                href: "/tin?chu-de=yte".to_owned(),
                label: "Y tế".to_owned(),
                icon: "health".to_owned(),
            })
            .collect(),
        most_read: vec![Link::new("/tin/a-1", title); 5],
        documents: vec![Link::new("/van-ban/a-1", title); 5],
        area_name: format!("xã {title}"),
        old_names: "Lục Bình, Vi Hương, Tân Tú".to_owned(),
        below: vec![Link::new("/khu-vuc/01969.2025", title); 40],
        below_label: "portal-communes",
        ..empty_home()
    }
}

fn list(q: &str, count: usize, is_narrowed: bool) -> List {
    let choice = || Choice { value: "yte".to_owned(), label: "Y tế".to_owned() };
    List {
        title: "Tin tức".to_owned(),
        area: if is_narrowed { "01969.2025".to_owned() } else { String::new() },
        crumbs: vec![Crumb::link("/", "Trang nhất"), Crumb::here("Tin tức")],
        themes: vec![choice()],
        theme: "yte".to_owned(),
        kinds: vec![choice()],
        kind: String::new(),
        languages: vec![choice()],
        language: String::new(),
        q: q.to_owned(),
        is_narrowed,
        total: count * 11,
        news: (0..count).map(|_| news(if q == HOSTILE { HOSTILE } else { LONG })).collect(),
        paging: (count > 3).then(|| Paging::new("/tin?q=x", 3, count * 11)),
    }
}

fn empty_article() -> ArticlePage {
    ArticlePage {
        title: "Tin ngắn".to_owned(),
        lang: None,
        canonical: "/tin/tin-ngan-1".to_owned(),
        crumbs: Vec::new(),
        flag: None,
        summary: String::new(),
        html: String::new(),
        has_text: false,
        is_stale: false,
        date: "14:00 22/11/2026".to_owned(),
        first_date: None,
        is_corrected: false,
        publisher: String::new(),
        themes: Vec::new(),
        languages: Vec::new(),
        sound: None,
        picture: None,
        source: None,
        facts: Vec::new(),
        confirm_href: "/tin/1/xac-nhan".to_owned(),
        related: Vec::new(),
    }
}

pub(super) fn sound(has_arrived: bool) -> Sound {
    Sound {
        src: "/tep/00".to_owned(),
        seconds: 160,
        bytes: 240_000,
        language: "Tày".to_owned(),
        lang: "tyz".to_owned(),
        voice: "Bà Hoàng Thị <b>Lan</b>, thôn Nà Pái".to_owned(),
        has_arrived,
        is_stale: has_arrived,
        better_src: has_arrived.then(|| "/tep/01".to_owned()),
        better_bytes: 480_000,
    }
}

pub(super) fn language_links() -> Vec<LanguageLink> {
    [("vi", "Việt", false), ("tyz", "Tày", true)]
        .into_iter()
        .map(|(tag, name, current)| LanguageLink {
            href: format!("/tin/a-1?tieng={tag}"),
            label: name.to_owned(),
            lang: tag.to_owned(),
            current,
            note: String::new(),
        })
        .collect()
}

fn article(title: &str, has_arrived: bool) -> ArticlePage {
    ArticlePage {
        title: title.to_owned(),
        lang: Some("tyz".to_owned()),
        crumbs: vec![Crumb::link("/tin", "Tin tức"), Crumb::here(title)],
        flag: Some("Cảnh báo".to_owned()),
        summary: title.to_owned(),
        html: format!("<h2>Một mục</h2><p>{}</p>", LONG.repeat(12)),
        has_text: has_arrived,
        is_stale: true,
        first_date: has_arrived.then(|| "20/11/2026".to_owned()),
        is_corrected: true,
        publisher: title.to_owned(),
        themes: links(2),
        languages: language_links(),
        sound: Some(sound(has_arrived)),
        picture: Some(Picture {
            src: "/tep/02".to_owned(),
            width: 640,
            height: 360,
            words: title.to_owned(),
        }),
        source: Some(SourceLine {
            name: title.to_owned(),
            url: "https://example.vn/?a=1&b=2".to_owned(),
            date: "12/05/2023".to_owned(),
        }),
        facts: ["number", "subject", "authority", "issued", "effective"]
            .map(|key| Fact { key, value: title.to_owned() })
            .into(),
        related: (0..4).map(|_| news(title)).collect(),
        ..empty_article()
    }
}

fn confirm(title: &str, lang: Option<&str>) -> Confirm {
    Confirm {
        title: title.to_owned(),
        lang: lang.map(str::to_owned),
        href: "/tin/a-1".to_owned(),
        action: "/tin/1/xac-nhan".to_owned(),
    }
}

fn documents(q: &str, count: usize) -> Documents {
    let row = |at: usize| Row {
        href: "/van-ban/a-1".to_owned(),
        number: if at == 1 { String::new() } else { format!("{at}/QĐ-UBDT") },
        subject: LONG.repeat(2),
        authority: if at == 2 { String::new() } else { "Ủy ban Dân tộc".to_owned() },
        issued: "12/05/2023".to_owned(),
    };
    Documents {
        crumbs: vec![Crumb::link("/", "Trang nhất"), Crumb::here("Văn bản")],
        q: q.to_owned(),
        total: count * 2,
        rows: (0..count).map(row).collect(),
        paging: (count > 0).then(|| Paging::new("/van-ban?q=x", 1, count * 2)),
    }
}

fn search(q: &str, count: usize) -> Search {
    let hit = AreaHit {
        href: "/dia-ban/02026.2021".to_owned(),
        label: "Xã Vi Hương".to_owned(),
        within: "huyện Bạch Thông, tỉnh Bắc Kạn".to_owned(),
        became: vec![Link::new("/dia-ban/01969.2025", "xã Phủ Thông")],
    };
    Search {
        q: q.to_owned(),
        total: count,
        news: (0..count).map(|_| news(q)).collect(),
        paging: None,
        areas: if count > 0 { vec![hit] } else { Vec::new() },
        areas_href: "/dia-ban?q=x".to_owned(),
        documents_href: (count > 0).then(|| "/van-ban?q=x".to_owned()),
    }
}
