//! What leaves this node for people and other systems: the carriers that reporting asks for, made from the
//! operator's settings. A setting that cannot be right must not keep the node from serving: it is said in the log
//! and by `nhipcau doctor`, and what wanted to leave that way waits.

pub mod mail;
pub mod outlet;
pub mod push;
pub mod road;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use kernel::{
    app::Ports,
    clock::{Clock, SystemClock},
    db::Tx,
    events::Doing,
};

use crate::config::Outward;
use road::{Reach, Road};

/// Where the key stands by which browsers know this node.
pub const PUSH_KEY_FILE: &str = "push.key";

/// Offers every way out that the settings name rightly.
pub fn offer(
    mut ports: Ports,
    settings: Option<&Outward>,
    data: &Path,
    clock: &Arc<dyn Clock>,
) -> Ports {
    let Some(settings) = settings else { return ports };
    match mailer(settings, data) {
        Ok(Some(mailer)) => ports = ports.offer(mailer).offer(identity::Post(post_code)),
        Ok(None) => {}
        Err(why) => tracing::error!("no letters can be sent: {why}"),
    }
    match pusher(settings, data, clock) {
        Ok(Some(pusher)) => ports = ports.offer(pusher),
        Ok(None) => {}
        Err(why) => tracing::error!("no notifications can be sent: {why}"),
    }
    if !settings.outlets.is_empty() {
        match outlet::outlets(&settings.outlets, data) {
            Ok((all, doors)) => {
                ports = ports.offer(reporting::Outlets { all, by: Arc::new(doors) });
            }
            Err(why) => tracing::error!("no reports can be sent to other systems: {why}"),
        }
    }
    ports
}

/// The way to browsers; none when the operator did not ask for it.
fn pusher(
    settings: &Outward,
    data: &Path,
    clock: &Arc<dyn Clock>,
) -> Result<Option<reporting::Pusher>, String> {
    let Some(push) = &settings.push else { return Ok(None) };
    let road = Road::new(Reach::Public)?;
    let by = push::WebPush::open(data, &push.contact, clock.clone(), road)?;
    let key = by.public_key();
    Ok(Some(reporting::Pusher { key, hosts: push.hosts.clone(), by: Arc::new(by) }))
}

/// The way by which letters leave; none when no mail server is named.
fn mailer(settings: &Outward, data: &Path) -> Result<Option<reporting::Mailer>, String> {
    let Some(server) = &settings.mail else { return Ok(None) };
    let site = site_address(&settings.public_url)?;
    let smtp = mail::Smtp::new(server, &site, data)?;
    Ok(Some(reporting::Mailer { site, by: Arc::new(smtp) }))
}

/// Identity asks for a letter with a code; reporting keeps the outbox.
fn post_code<'a>(tx: &'a mut Tx, letter: &'a identity::CodeLetter) -> Doing<'a, ()> {
    Box::pin(reporting::post_code(tx, letter))
}

/// The address of this site without a slash at its end.
fn site_address(url: &str) -> Result<String, String> {
    let uri: http::Uri =
        url.trim().parse().map_err(|_| format!("public_url {url:?} is not an address"))?;
    let known = matches!(uri.scheme_str(), Some("https" | "http"));
    if !known || uri.host().is_none() || uri.query().is_some() {
        return Err(format!("public_url {url:?} is not the address of a site"));
    }
    Ok(url.trim().trim_end_matches('/').to_owned())
}

/// A file that settings name: inside the data folder unless it is absolute.
fn named_file(data: &Path, path: &Path) -> PathBuf {
    data.join(path)
}

/// A secret from its file, without the line's end.
fn secret_in(data: &Path, path: &Path) -> Result<String, String> {
    let path = named_file(data, path);
    let text = std::fs::read_to_string(&path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(format!("{} is empty", path.display()));
    }
    Ok(secret.to_owned())
}

/// Examines the settings and tries what can be tried without sending anything: well or not, in words.
pub async fn examine(settings: Option<&Outward>, data: &Path) -> Vec<(bool, String)> {
    let Some(settings) = settings else {
        return vec![(true, "không gửi gì ra ngoài (chưa khai outward)".to_owned())];
    };
    let mut found = Vec::new();
    match &settings.mail {
        None => found
            .push((true, "chưa khai máy chủ thư: nhắc việc chỉ hiện trong hệ thống".to_owned())),
        Some(server) => found.push(mail::examine(server, &settings.public_url, data).await),
    }
    if settings.push.is_some() {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        found.push(match pusher(settings, data, &clock) {
            Ok(_) => (true, "thông báo trên trình duyệt: có khóa, sẵn sàng".to_owned()),
            Err(why) => (false, format!("khai thông báo trên trình duyệt chưa đúng: {why}")),
        });
    }
    if !settings.outlets.is_empty() {
        found.push(match outlet::outlets(&settings.outlets, data) {
            Ok((all, _)) => (true, format!("{} hệ thống khác nhận báo cáo đã duyệt", all.len())),
            Err(why) => (false, format!("khai hệ thống nhận báo cáo chưa đúng: {why}")),
        });
    }
    found
}
