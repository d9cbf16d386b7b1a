//! Rendered public pages, compressed once and served until something changes.
//!
//! The key holds everything a public page depends on: the path, the preferences, and the number of
//! changes this process has committed. Another process of the same hub may change the database
//! unseen, so an entry is also never older than a few seconds.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::http::HeaderValue;
use bytes::Bytes;

use super::visit::Preferences;
use crate::clock::Timestamp;

/// Marks a response as the same for every anonymous visitor with the same preferences.
#[derive(Clone, Copy)]
pub(super) struct Cacheable;

/// How many pages are kept; beyond it the store is emptied (a crawler must not fill the memory).
const PAGES_MAX: usize = 400;
const AGE_MS_MAX: i64 = 5_000;

#[derive(Clone)]
pub(super) struct CachedPage {
    pub plain: Bytes,
    pub gzip: Bytes,
    pub etag: HeaderValue,
    generation: u64,
    at: Timestamp,
}

/// The store of rendered public pages. Cloning shares it.
#[derive(Clone, Default)]
pub struct PageCache(Arc<Mutex<HashMap<(String, Preferences), CachedPage>>>);

impl PageCache {
    pub(super) fn find(
        &self,
        path: &str,
        preferences: Preferences,
        generation: u64,
        now: Timestamp,
    ) -> Option<CachedPage> {
        let pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The borrowed form of a tuple key would need an unsafe cast or a second map; one small
        // allocation a request is cheaper than either.
        let page = pages.get(&(path.to_owned(), preferences))?;
        let fresh = page.generation == generation && (0..AGE_MS_MAX).contains(&now.since(page.at));
        fresh.then(|| page.clone())
    }

    pub(super) fn keep(
        &self,
        path: &str,
        preferences: Preferences,
        generation: u64,
        now: Timestamp,
        plain: Bytes,
    ) -> CachedPage {
        let digest = blake3::hash(&plain).to_hex();
        let etag = HeaderValue::from_str(&format!("\"{}\"", &digest[..20]))
            .unwrap_or(HeaderValue::from_static("\"\""));
        let page = CachedPage { gzip: gzip(&plain), plain, etag, generation, at: now };
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if pages.len() >= PAGES_MAX {
            pages.clear();
        }
        pages.insert((path.to_owned(), preferences), page.clone());
        page
    }
}

/// Compresses once; a page is then served many times, so the effort is worth it.
pub(super) fn gzip(plain: &[u8]) -> Bytes {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(8));
    let written = encoder.write_all(plain).and_then(|()| encoder.finish());
    written.unwrap_or_default().into()
}
