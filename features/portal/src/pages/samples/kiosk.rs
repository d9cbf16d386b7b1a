//! Samples of the kiosk's and the television's screens.

use kernel::web::Sample;

use super::{HOSTILE, LONG, language_links, sound};
use crate::{
    model::{TILES, voice},
    pages::kiosk::{
        Entry, Moment, Offline, Stage,
        confirm::{CONFIRM, ConfirmPage, THANKS, Thanks},
        item::{ITEM, ItemPage},
        list::{LIST, TileList},
        start::{First, START, Start, TileView},
        trouble::{TROUBLE, Trouble},
        tv::{TV, Tv},
    },
};

const USUAL: &str = "Điểm hỗ trợ ứng dụng công nghệ thông tin: bà con được dùng những gì?";

pub(super) fn all() -> Vec<Sample> {
    vec![
        START.sample(&empty_start()),
        START.sample(&start(USUAL, false)),
        START.sample(&start(&LONG.repeat(2), true)),
        START.sample(&start(HOSTILE, true)),
        LIST.sample(&list(USUAL, 0)),
        LIST.sample(&list(USUAL, 5)),
        LIST.sample(&list(&LONG.repeat(2), 5)),
        LIST.sample(&list(HOSTILE, 2)),
        ITEM.sample(&item(USUAL, true)),
        ITEM.sample(&item(&LONG.repeat(2), false)),
        ITEM.sample(&item(HOSTILE, true)),
        ITEM.sample(&ItemPage {
            text_is_old: true,
            say_instead: voice::href("vi", "hoi-can-bo"),
            ..item(USUAL, false)
        }),
        TROUBLE.sample(&trouble("portal-kiosk-gone", "", "hoi-can-bo")),
        TROUBLE.sample(&trouble("portal-kiosk-trouble", "internal", "")),
        CONFIRM.sample(&confirm(USUAL, None, false)),
        CONFIRM.sample(&confirm(&LONG.repeat(2), Some("portal-card-unknown"), false)),
        CONFIRM.sample(&confirm(HOSTILE, Some("portal-kiosk-again"), false)),
        CONFIRM.sample(&confirm(USUAL, Some("portal-card-no-consent"), true)),
        THANKS.sample(&Thanks {
            stage: stage(true),
            wants_to_ask: false,
            say: voice::href("vi", "cam-on"),
        }),
        THANKS.sample(&Thanks {
            stage: stage(false),
            wants_to_ask: true,
            say: voice::href("vi", "hoi-can-bo"),
        }),
        TV.sample(&tv(None)),
        TV.sample(&tv(Some(USUAL))),
        TV.sample(&tv(Some(&LONG.repeat(2)))),
        TV.sample(&tv(Some(HOSTILE))),
    ]
}

fn stage(is_full: bool) -> Stage {
    Stage {
        place: "Điểm hỗ trợ xã Phủ Thông".to_owned(),
        is_preview: false,
        languages: if is_full { language_links() } else { Vec::new() },
        home_href: "/kiot?tieng=tyz".to_owned(),
        as_of: is_full.then(|| Moment { time: "14:05".to_owned(), day: "22/11/2026".to_owned() }),
        offline: is_full.then_some(Offline { key: "portal-offline-hours", count: 3 }),
    }
}

fn entry(title: &str) -> Entry {
    Entry {
        href: "/kiot/nghe/0190af?tieng=tyz&muc=moi".to_owned(),
        icon: "water".to_owned(),
        colour: "water".to_owned(),
        title: title.to_owned(),
        lang: Some("tyz".to_owned()),
        seconds: 160,
        spoken: if title == USUAL { String::new() } else { "Việt".to_owned() },
        date: "22/11/2026".to_owned(),
    }
}

fn empty_start() -> Start {
    Start {
        stage: Stage { is_preview: true, ..stage(false) },
        first: First {
            href: "/kiot/muc/moi".to_owned(),
            is_alert: false,
            title: String::new(),
            fresh: 0,
            say: voice::href("vi", "moi"),
        },
        tiles: tiles(0),
    }
}

fn start(title: &str, has_alert: bool) -> Start {
    Start {
        stage: stage(true),
        first: First {
            href: "/kiot/nghe/0190af?muc=moi".to_owned(),
            is_alert: has_alert,
            title: title.to_owned(),
            fresh: 3,
            say: voice::href("vi", "canh-bao"),
        },
        tiles: tiles(12),
    }
}

fn tiles(count: usize) -> Vec<TileView> {
    let view = |tile: &'static crate::model::Tile| TileView {
        href: format!("/kiot/muc/{}", tile.name),
        icon: tile.pictogram,
        colour: tile.colour,
        key: tile.key,
        say: voice::href("vi", tile.name),
        count,
    };
    TILES.iter().map(view).collect()
}

fn list(title: &str, count: usize) -> TileList {
    let mut items: Vec<_> = (0..count).map(|_| entry(title)).collect();
    if let Some(first) = items.first_mut() {
        first.seconds = 0;
    }
    TileList {
        stage: stage(true),
        key: "portal-tile-nature",
        items,
        next_href: (count == 5).then(|| "/kiot/muc/thien-nhien?trang=2".to_owned()),
        empty_say: voice::href("vi", "trong"),
    }
}

fn item(title: &str, has_sound: bool) -> ItemPage {
    ItemPage {
        stage: stage(true),
        back_href: "/kiot".to_owned(),
        title: title.to_owned(),
        lang: (!has_sound).then(|| "tyz".to_owned()),
        sound: has_sound.then(|| sound(true)),
        other_voice: has_sound,
        text_is_old: false,
        summary: title.to_owned(),
        html: format!("<p>{}</p>", LONG.repeat(6)),
        has_text: has_sound,
        again_href: "/kiot/nghe/0190af".to_owned(),
        confirm_href: "/kiot/xac-nhan/0190af?ban=2&mo=1.00".to_owned(),
        next_href: has_sound.then(|| "/kiot/nghe/0190b0".to_owned()),
        idle_seconds: 440,
        say_instead: String::new(),
    }
}

fn confirm(title: &str, trouble: Option<&'static str>, is_preview: bool) -> ConfirmPage {
    ConfirmPage {
        stage: Stage { is_preview, ..stage(false) },
        title: title.to_owned(),
        lang: None,
        action: "/kiot/xac-nhan/0190af".to_owned(),
        again_href: "/kiot/nghe/0190af".to_owned(),
        has_sound: trouble.is_none(),
        version: 2,
        opened: "1.00".to_owned(),
        trouble,
        say: voice::href("vi", if trouble.is_some() { "the-sai" } else { "the" }),
    }
}

fn trouble(key: &'static str, code: &'static str, label: &str) -> Trouble {
    Trouble {
        place: "Điểm hỗ trợ xã Phủ Thông".to_owned(),
        home_href: "/kiot?tieng=tyz&dia-ban=01969.2025".to_owned(),
        key,
        code,
        say: voice::href("vi", label),
    }
}

fn tv(title: Option<&str>) -> Tv {
    Tv {
        stage: stage(true),
        item: title.map(entry),
        summary: title.map_or_else(String::new, |title| title.repeat(2)),
        after: if title.is_some() { vec![entry(USUAL), entry(HOSTILE)] } else { Vec::new() },
        at: 2,
        total: if title.is_some() { 8 } else { 0 },
        next_href: "/tv?trang=3".to_owned(),
    }
}
