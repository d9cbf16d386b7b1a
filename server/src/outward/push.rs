//! Notifications in browsers: Web Push (RFC 8030), the message sealed to the browser (RFC 8188 and 8291) so that
//! the push service cannot read it, and signed by this node (VAPID, RFC 8292).

mod seal;

use std::{path::Path, sync::Arc};

use kernel::{
    chance::{hex, unhex},
    clock::Clock,
};
use reporting::{
    Carried, Carry, Notification, Reply,
    model::outward::{base64url, to_base64url},
};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};

use super::road::{Road, Sending};
use crate::config::write_whole;

/// How long a push service keeps a message for a browser that is away, in seconds.
const KEPT_S: u32 = 86_400;
/// How long a signature holds, in seconds; RFC 8292 allows a day.
const SIGNED_S: i64 = 12 * 3_600;

/// The way to browsers.
pub struct WebPush {
    key: EcdsaKeyPair,
    /// Whom a push service may ask about us: `mailto:` or `https:`.
    contact: String,
    clock: Arc<dyn Clock>,
    road: Road,
}

impl WebPush {
    /// With the key in `push.key` of the data folder, which is made on first use. Subscriptions belong to the key:
    /// whoever loses it loses them.
    ///
    /// # Errors
    /// Why there is no key.
    pub fn open(
        data: &Path,
        contact: &str,
        clock: Arc<dyn Clock>,
        road: Road,
    ) -> Result<Self, String> {
        if !contact.starts_with("mailto:") && !contact.starts_with("https://") {
            return Err(format!("contact {contact:?} is neither mailto: nor https:"));
        }
        let path = data.join(super::PUSH_KEY_FILE);
        let random = SystemRandom::new();
        let broken = |()| format!("{} holds no key", path.display());
        let document = match std::fs::read_to_string(&path) {
            Ok(text) => unhex(text.trim()).ok_or_else(|| broken(()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
                    .map_err(|_| "no key can be made".to_owned())?;
                write_whole(&path, hex(made.as_ref()).as_bytes())
                    .map_err(|error| error.to_string())?;
                made.as_ref().to_vec()
            }
            Err(error) => return Err(format!("cannot read {}: {error}", path.display())),
        };
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &document, &random)
            .map_err(|_| broken(()))?;
        Ok(Self { key, contact: contact.to_owned(), clock, road })
    }

    /// The public key, as browsers want it.
    pub fn public_key(&self) -> String {
        to_base64url(self.key.public_key().as_ref())
    }

    /// What says that this message is ours, to the push service of one origin.
    fn authorization(&self, endpoint: &str) -> Option<String> {
        let uri: http::Uri = endpoint.parse().ok()?;
        let origin = format!("{}://{}", uri.scheme_str()?, uri.authority()?);
        let until = self.clock.now().plus_seconds(SIGNED_S).millis() / 1_000;
        let claims =
            serde_json::json!({ "aud": origin, "exp": until, "sub": self.contact }).to_string();
        let head = to_base64url(br#"{"typ":"JWT","alg":"ES256"}"#);
        let signed = format!("{head}.{}", to_base64url(claims.as_bytes()));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).ok()?;
        let signature = to_base64url(signature.as_ref());
        Some(format!("vapid t={signed}.{signature}, k={}", self.public_key()))
    }

    async fn send(&self, what: &Notification) -> Reply {
        let keys = base64url(&what.to.p256dh).zip(base64url(&what.to.auth));
        let sealed = keys.and_then(|(public, auth)| {
            seal::seal(what.payload.as_bytes(), &public, &auth, &SystemRandom::new())
        });
        let (Some(body), Some(authorization)) = (sealed, self.authorization(&what.to.endpoint))
        else {
            return Reply::Gone("khóa của trình duyệt không dùng được".to_owned());
        };
        let sending = Sending {
            url: &what.to.endpoint,
            headers: vec![
                ("authorization", authorization),
                ("content-encoding", "aes128gcm".to_owned()),
                ("content-type", "application/octet-stream".to_owned()),
                ("ttl", KEPT_S.to_string()),
                ("urgency", "normal".to_owned()),
            ],
            body,
        };
        match self.road.post(sending).await {
            // Another push service may well be there.
            Err(why) => Reply::Later { why, down: false },
            Ok(answer) => {
                let said = format!("HTTP {}", answer.status);
                match answer.status {
                    200..=299 => Reply::Taken(said),
                    404 | 410 => Reply::Gone(said),
                    408 | 425 | 429 | 500..=599 => Reply::Later { why: said, down: false },
                    _ => Reply::Never(format!("{said} {}", answer.text)),
                }
            }
        }
    }
}

impl Carry<Notification> for WebPush {
    fn carry<'a>(&'a self, what: &'a Notification) -> Carried<'a> {
        Box::pin(self.send(what))
    }
}
