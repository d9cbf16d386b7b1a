//! What crosses the bridge, counted at the socket with HTTP included: one item, nothing, many items,
//! receipts, cuts; and the same over a bad link. A hub and a point in this process, real HTTP between.

use std::{net::SocketAddr, time::Instant};

use identity::role;
use kernel::{
    app::{AppRef, NodeRole},
    caller::{Caller, Grant, Person},
    chance::Chance,
    clock::Day,
    problem::{Failure, Outcome},
    records::{Lane, Outgoing},
    scope::ScopePath,
};
use reach::{Channel, Rung, records::receipts::Receipt};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::areas::Folder;
use crate::{
    cli::NodeArgs,
    config::NodeFile,
    demo, keeping,
    link::{Link, Quality},
    serve,
    start::start,
};

/// A hub that serves, a point that has joined, and the link between them.
struct Bridge {
    hub: AppRef,
    point: AppRef,
    link: Link,
    probe: delivery::Probe,
    _stop: watch::Sender<bool>,
    _folder: Folder,
}

impl Bridge {
    async fn build(quality: Quality) -> Outcome<Self> {
        let folder = Folder::fresh("sync")?;
        let config = NodeArgs::at(&folder.0.join("hub")).config();
        NodeFile::new_hub().write(&config.data)?;
        let hub = start(&config).await?;
        let (stop, stopped) = watch::channel(false);
        let listener = serve::listen(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let address = listener.local_addr()?;
        let (app, served) = (hub.clone(), config.clone());
        #[expect(clippy::disallowed_methods, reason = "the hub serves while the point asks")]
        tokio::spawn(async move { serve::serve(app, &served, listener, stopped).await });
        // Joining is done over a good line; what is measured comes after.
        let joining =
            Link::open(SocketAddr::from(([127, 0, 0, 1], 0)), address, Quality::PERFECT).await?;
        let point_config = NodeArgs::at(&folder.0.join("point")).config();
        let code = keeping::enrolment_code(&hub, demo::COMMUNE).await?;
        let home = joining.address;
        keeping::join(&point_config, &format!("http://{home}"), &code, None).await?;
        drop(joining);
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        let link = Link::open(home, address, quality).await?;
        let point = start(&point_config).await?;
        let mut probe = delivery::Probe::start(&point).await?;
        probe.poll_all().await?;
        Ok(Self { hub, point, link, probe, _stop: stop, _folder: folder })
    }

    async fn received(&self) -> Outcome<u64> {
        Ok(delivery::road_status(&self.point).await?.map_or(0, |status| status.received))
    }

    /// Says `texts` downward, each an item of its own, signed on its own.
    async fn emit(&self, texts: &[String]) -> Outcome<()> {
        let commune = scope("/vn/19.2025/01969.2025/")?;
        self.hub
            .db
            .change(async |tx| {
                for text in texts {
                    let outgoing = Outgoing {
                        lane: Lane::Text,
                        kind: BENCH_KIND,
                        targets: vec![commune.clone()],
                        body: text.as_bytes().to_vec(),
                    };
                    tx.emit_down(outgoing).await?;
                }
                Ok(())
            })
            .await
    }
}

/// A kind that no feature knows: verified, stored, never shown.
const BENCH_KIND: u16 = 9_999;

pub async fn measure(quick: bool) -> Outcome<Value> {
    let bulk_items = if quick { 1_000 } else { 10_000 };
    let mut figures = serde_json::Map::new();
    figures.insert("on_loopback".to_owned(), on_loopback(bulk_items).await?);
    if !quick {
        let mut bridge = Bridge::build(Quality::PERFECT).await?;
        figures.insert("hundred_thousand".to_owned(), bulk(&mut bridge, 100_000).await?);
    }
    figures.insert("cuts".to_owned(), cuts(&[0, 5, 10, 20]).await?);
    figures.insert("tampering".to_owned(), tampering());
    figures.insert("gprs_32kbit_600ms".to_owned(), over(Quality::GPRS).await?);
    figures.insert("publish_to_readable".to_owned(), publish_to_readable().await?);
    Ok(Value::Object(figures))
}

/// The figures in bytes alone: the same on every machine, so that a test can hold us to them.
pub async fn bytes_on_wire() -> Outcome<Value> {
    Ok(json!({
        "on_loopback": on_loopback(1_000).await?,
        "cuts": cuts(&[0, 5, 20]).await?,
        "tampering": tampering(),
    }))
}

async fn on_loopback(bulk_items: usize) -> Outcome<Value> {
    let mut bridge = Bridge::build(Quality::PERFECT).await?;
    // Warm: the connection and the session are there.
    bridge.probe.poll(0).await?;
    bridge.link.counters.reset();
    bridge.probe.poll(0).await?;
    let no_op = bridge.link.counters.total();

    let mut texts = Texts::new(1);
    let one = texts.item();
    let real = REAL_ITEM.to_owned();
    let mut one_item = Vec::new();
    for text in [one, real] {
        bridge.link.counters.reset();
        bridge.emit(std::slice::from_ref(&text)).await?;
        bridge.probe.poll(0).await?;
        one_item.push(
            json!({ "text_bytes": text.len(), "bytes_on_wire": bridge.link.counters.total() }),
        );
    }

    bridge.emit(&[texts.item()]).await?;
    bridge.link.counters.reset();
    delivery::Probe::start(&bridge.point).await?.poll(0).await?;
    let cold = bridge.link.counters.total();

    bridge.probe = delivery::Probe::start(&bridge.point).await?;
    let bulk = bulk(&mut bridge, bulk_items).await?;
    let receipts = receipts(&mut bridge).await?;
    Ok(json!({
        "no_op_poll_bytes": no_op,
        "one_item_warm": { "random_words": one_item[0], "real_text": one_item[1] },
        "one_item_cold_bytes": cold,
        "bulk": bulk,
        "receipts": receipts,
        "resident_bytes": crate::logging::resident_bytes(),
    }))
}

#[expect(
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a measurement reads the clock and divides"
)]
async fn bulk(bridge: &mut Bridge, items: usize) -> Outcome<Value> {
    let mut texts = Texts::new(2);
    let texts: Vec<String> = (0..items).map(|_| texts.item()).collect();
    bridge.emit(&texts).await?;
    let before = bridge.received().await?;
    bridge.link.counters.reset();
    let begun = Instant::now();
    bridge.probe.poll_all().await?;
    let elapsed = begun.elapsed();
    let arrived = bridge.received().await? - before;
    let total = bridge.link.counters.total();
    Ok(json!({
        "items": items,
        "arrived": arrived,
        "bytes_per_item": (total as f64 / items as f64 * 10.0).round() / 10.0,
        "wall_ms": elapsed.as_millis(),
    }))
}

/// An evening at the kiosk: people of one commune confirm a few items, some by card, some by a tap.
async fn receipts(bridge: &mut Bridge) -> Outcome<Value> {
    bridge.probe.send_all().await?;
    let mut figures = serde_json::Map::new();
    let mut serial = 0_u32;
    for count in [100_u32, 1_000] {
        let items = 6;
        let now = bridge.point.now();
        bridge
            .point
            .db
            .change(async |tx| {
                for at in 0..count {
                    serial += 1;
                    let minute = now.plus_seconds(i64::from(at) * 9).millis() / 60_000;
                    let receipt = Receipt {
                        publication: format!(
                            "{:032x}",
                            u128::from(at % items) * 0x9e37_79b9_7f4a_7c15_f39c
                        ),
                        version: 1,
                        rung: Rung::Confirmed.code().into(),
                        channel: Channel::Card.code().into(),
                        serial: u64::from(serial % 400 + 1),
                        unit: String::new(),
                        language: "vi".to_owned(),
                        minute: u64::try_from(minute).unwrap_or(0),
                    };
                    tx.emit_up(30, receipt.encode()).await?;
                }
                Ok(())
            })
            .await?;
        bridge.link.counters.reset();
        bridge.probe.send_all().await?;
        let total = bridge.link.counters.total();
        let per = (f64::from(u32::try_from(total).unwrap_or(u32::MAX)) / f64::from(count) * 100.0)
            .round()
            / 100.0;
        figures.insert(format!("batch_of_{count}"), json!({ "bytes": total, "bytes_each": per }));
    }
    Ok(Value::Object(figures))
}

/// The same thousand items with no cut and with 5, 10, 20: what is paid twice.
#[expect(clippy::cast_precision_loss, reason = "shares of bytes")]
async fn cuts(counts: &[u64]) -> Outcome<Value> {
    let mut figures = serde_json::Map::new();
    let mut whole = 0;
    for &count in counts {
        let mut bridge = Bridge::build(Quality::PERFECT).await?;
        let mut texts = Texts::new(3);
        let texts: Vec<String> = (0..1_000).map(|_| texts.item()).collect();
        bridge.emit(&texts).await?;
        bridge.link.counters.reset();
        for cut in 1..=count {
            bridge.link.break_after_down(whole * cut / (count + 1));
            while bridge.probe.poll(0).await.is_ok_and(|more| more) {}
        }
        while bridge.probe.poll_all().await.is_err() {}
        let total = bridge.link.counters.total();
        let arrived = bridge.received().await?;
        if count == 0 {
            whole = total;
        }
        let waste = total.saturating_sub(whole);
        figures.insert(
            format!("cuts_{count}"),
            json!({
                "bytes": total, "arrived": arrived, "wasted_bytes": waste,
                "wasted_percent": (waste as f64 / whole.max(1) as f64 * 10_000.0).round() / 100.0,
                "allowed_bytes": whole / 100 + 2_048 * count,
            }),
        );
    }
    Ok(Value::Object(figures))
}

/// How far behind a wrong byte it is noticed, at worst, and how many unverified bytes get out.
fn tampering() -> Value {
    use sync::blob::{BlobReceiver, BlobRoot, Outboard, encode, encoded_len};
    /// Fed in small pieces, so that the piece does not blur the figure.
    const FED: usize = 16;
    let chance = Chance::seeded(4);
    let content: Vec<u8> = (0..400_000_u32)
        .flat_map(|at| [chance.bytes::<1>()[0], at.to_le_bytes()[0]])
        .take(700_000)
        .collect();
    let outboard = Outboard::of(&content);
    let total = encoded_len(content.len() as u64);
    let good = encode(&outboard, &content, 0, usize::try_from(total).unwrap_or(usize::MAX));
    let (mut worst, mut released) = (0, 0);
    for _ in 0..200 {
        let wrong = usize::try_from(chance.below(good.len() as u64)).unwrap_or(0);
        let mut bytes = good.clone();
        bytes[wrong] ^= 1;
        let mut receiver = BlobReceiver::new(
            BlobRoot(kernel::files::FileHash::of(&content).0),
            content.len() as u64,
        );
        let mut out = Vec::new();
        for (at, piece) in bytes.chunks(FED).enumerate() {
            let Ok(proven) = receiver.feed(piece) else {
                worst = worst.max((at * FED + piece.len()).saturating_sub(wrong));
                break;
            };
            out.extend(proven);
        }
        released += usize::from(!content.starts_with(&out));
    }
    json!({ "trials": 200, "noticed_within_bytes": worst, "unverified_releases": released })
}

/// One item and a hundred items over a bad link, with a warm connection.
#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
async fn over(quality: Quality) -> Outcome<Value> {
    let mut bridge = Bridge::build(quality).await?;
    bridge.probe.poll(0).await?;
    let mut texts = Texts::new(5);
    let no_op = Instant::now();
    bridge.probe.poll(0).await?;
    let no_op = no_op.elapsed();
    // A held poll: the item is said while the hub holds the request.
    let item = [texts.item()];
    let hub = bridge.hub.clone();
    let said = std::sync::Arc::new(std::sync::Mutex::new(Instant::now()));
    let say = said.clone();
    let commune = scope("/vn/19.2025/01969.2025/")?;
    let speaking = tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
        if let Ok(mut at) = say.lock() {
            *at = Instant::now();
        }
        let [text] = item;
        let outgoing = Outgoing {
            lane: Lane::Text,
            kind: BENCH_KIND,
            targets: vec![commune],
            body: text.into_bytes(),
        };
        hub.db.change(async |tx| tx.emit_down(outgoing).await).await
    });
    bridge.probe.poll(20).await?;
    let heard = Instant::now();
    speaking.await.map_err(|error| Failure::fault("speak", error))??;
    let one = said.lock().map(|at| heard.duration_since(*at)).unwrap_or_default();
    let hundred: Vec<String> = (0..100).map(|_| texts.item()).collect();
    bridge.emit(&hundred).await?;
    let begun = Instant::now();
    bridge.probe.poll_all().await?;
    let many = begun.elapsed();
    let cold = Instant::now();
    let mut fresh = delivery::Probe::start(&bridge.point).await?;
    fresh.poll(0).await?;
    Ok(json!({
        "no_op_warm_ms": no_op.as_millis(),
        "one_item_warm_ms": one.as_millis(),
        "hundred_items_ms": many.as_millis(),
        "first_contact_cold_ms": cold.elapsed().as_millis(),
    }))
}

/// From the approver's click to a text that a reader at a connected point can open.
#[expect(
    clippy::disallowed_methods,
    reason = "a measurement reads the clock and waits as a point does"
)]
async fn publish_to_readable() -> Outcome<Value> {
    let bridge = Bridge::build(Quality::PERFECT).await?;
    let (_go, stopped) = watch::channel(false);
    let road = tokio::spawn(delivery::run(bridge.point.clone(), stopped.clone()));
    let work = tokio::spawn(crate::worker::run(bridge.point.clone(), stopped));
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let mut millis = Vec::new();
    for round in 0..5 {
        let (editor, approver) = (
            acting(&bridge.hub, "bench-editor", role::EDITOR)?,
            acting(&bridge.hub, "bench-approver", role::APPROVER)?,
        );
        let title = format!("Tin đo thời gian số {round}");
        let id = demo::write_and_submit(&bridge.hub, &editor, &title, REAL_ITEM).await?;
        let begun = Instant::now();
        demo::approve(&bridge.hub, &approver, &id).await?;
        let query = publishing::ListQuery { limit: 1, ..publishing::ListQuery::default() };
        while begun.elapsed() < std::time::Duration::from_secs(20) {
            let latest =
                bridge.point.db.view(async |tx| Ok(publishing::latest(tx, &query).await?)).await?;
            if latest.first().is_some_and(|headline| headline.title == title) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        millis.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    road.abort();
    work.abort();
    debug_assert!(bridge.point.role == NodeRole::Point);
    Ok(super::spread(millis))
}

fn acting(app: &AppRef, id: &str, role: &str) -> Outcome<Caller> {
    let person = Person { id: id.to_owned(), name: "Đo".to_owned() };
    let from = Day::new(2020, 1, 1).ok_or_else(|| Failure::fault("measure", "a day"))?;
    let grant = Grant { role: role.to_owned(), scope: scope("/vn/")?, from, until: Day::FOREVER };
    Ok(Caller::person(person, vec![grant], app.now()))
}

fn scope(text: &str) -> Outcome<ScopePath> {
    ScopePath::parse(text).ok_or_else(|| Failure::fault("measure", text))
}

/// About a kilobyte of a real article.
const REAL_ITEM: &str = "Lục Bình là xã còn nhiều khó khăn của huyện Bạch Thông với phần lớn người dân là đồng bào dân tộc thiểu số. \
Thực hiện Tiểu dự án 2, Dự án 10 Chương trình MTQG, đầu năm 2024, xã được hỗ trợ những thiết bị, máy móc để thiết lập điểm hỗ trợ \
đồng bào dân tộc thiểu số ứng dụng công nghệ thông tin tại UBND xã. Từ khi điểm hỗ trợ được thiết lập đã tạo điều kiện cho người dân \
tìm hiểu, khai thác các ứng dụng, nền tảng số mở ra cơ hội phát triển kinh tế - xã hội, đảm bảo an ninh trật tự tại địa phương. \
Việc hỗ trợ trên rất thiết thực, giúp người dân tiếp cận nhiều hơn với các thông tin về đường lối, chính sách, pháp luật của Đảng, Nhà nước.";

/// Words of the real articles in random order: worse for a compressor than any real text.
struct Texts {
    chance: Chance,
    words: Vec<&'static str>,
}

impl Texts {
    fn new(seed: u64) -> Self {
        let articles = [
            include_str!("../../demo/bach-thong-ung-dung-cntt.md"),
            include_str!("../../demo/chinh-sach-den-ba-con.md"),
            include_str!("../../demo/chuyen-doi-so-de-an-330.md"),
            include_str!("../../demo/kien-giang-ke-hoach-cntt.md"),
        ];
        let words =
            articles.iter().flat_map(|text| text.split_whitespace()).filter(|word| word.len() < 24);
        Self { chance: Chance::seeded(seed), words: words.collect() }
    }

    /// About 1,000 bytes.
    fn item(&mut self) -> String {
        let mut text = String::new();
        while text.len() < 1_000 {
            let at = usize::try_from(self.chance.below(self.words.len() as u64)).unwrap_or(0);
            text.push_str(self.words[at]);
            text.push(' ');
        }
        text
    }
}
