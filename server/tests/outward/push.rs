//! Notifications against a push service that checks the signature and keeps what it gets; and what a foreign
//! implementation makes of it.

use std::{
    process::Command,
    sync::{Arc, Mutex},
};

use kernel::{
    axum::{
        Router,
        body::Bytes,
        extract::State,
        http::{HeaderMap, StatusCode},
        routing::post,
    },
    clock::{Clock, ManualClock, Timestamp},
    ids::Id,
};
use nhipcau::outward::{
    push::WebPush,
    road::{Reach, Road},
};
use reporting::{
    Carry, Notification, Reply, Subscription,
    model::{
        PushId,
        outward::{base64url, to_base64url},
    },
};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use testkit::run;

use super::{folder, foreign};

const NOW_MS: i64 = 1_795_330_800_000;

type Kept = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

/// A push service: `/{status}` answers with that status.
async fn service() -> (String, Kept) {
    let kept = Kept::default();
    let answer = |State(kept): State<Kept>,
                  kernel::axum::extract::Path(status): kernel::axum::extract::Path<u16>,
                  headers: HeaderMap,
                  body: Bytes| async move {
        kept.lock().expect("nobody panics").push((headers, body));
        StatusCode::from_u16(status).expect("a status")
    };
    let site = Router::new().route("/send/{status}", post(answer)).with_state(kept.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { kernel::axum::serve(listener, site).await });
    (format!("http://{address}"), kept)
}

fn web_push(name: &str, reach: Reach) -> WebPush {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(Timestamp::from_millis(NOW_MS)));
    let road = Road::new(reach).expect("a road");
    WebPush::open(&folder(name), "mailto:quantri@thainguyen.gov.vn", clock, road).expect("a key")
}

/// The browser of RFC 8291's example, whose private key is known.
fn told(endpoint: String) -> Notification {
    Notification {
        to: Subscription {
            id: PushId::from_text("1".to_owned()),
            account: "mai".to_owned(),
            endpoint,
            p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
                .to_owned(),
            auth: "BTBZMqHH6r4Tts7J_aSIgg".to_owned(),
        },
        payload: r#"{"title":"Nhắc gửi báo cáo","line":"3 báo cáo"}"#.to_owned(),
    }
}

#[test]
fn a_message_is_signed_for_its_service_and_the_key_stays_the_same() {
    run(async {
        let (service, kept) = service().await;
        let push = web_push("push-signed", Reach::Operator);
        let key = push.public_key();
        let reply = push.carry(&told(format!("{service}/send/201"))).await;
        assert_eq!(reply, Reply::Taken("HTTP 201".to_owned()));
        let (headers, body) = kept.lock().expect("nobody panics")[0].clone();
        let header = |name: &str| headers[name].to_str().expect("text").to_owned();
        assert_eq!(
            (header("content-encoding").as_str(), header("ttl").as_str()),
            ("aes128gcm", "86400")
        );
        assert!(!String::from_utf8_lossy(&body).contains("báo cáo"), "the service cannot read it");
        let signed = header("authorization");
        let (token, public) =
            signed.trim_start_matches("vapid t=").split_once(", k=").expect("both parts");
        assert_eq!(public, key);
        let (message, signature) = token.rsplit_once('.').expect("a signature");
        let public = base64url(public).expect("a key");
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &public)
            .verify(message.as_bytes(), &base64url(signature).expect("a signature"))
            .expect("the signature holds");
        let claims = message.split('.').nth(1).and_then(base64url).expect("claims");
        let claims = String::from_utf8(claims).expect("text");
        let until = NOW_MS / 1_000 + 12 * 3_600;
        assert!(
            claims.contains(&format!("\"aud\":\"{service}\""))
                && claims.contains(&format!("\"exp\":{until}")),
            "{claims}"
        );
        assert_eq!(
            web_push("push-signed", Reach::Operator).public_key(),
            key,
            "a restart keeps the key"
        );
    });
}

#[test]
fn what_the_service_says_decides_what_becomes_of_the_browser() {
    run(async {
        let (service, _) = service().await;
        let push = web_push("push-replies", Reach::Operator);
        let say = async |status: u16| push.carry(&told(format!("{service}/send/{status}"))).await;
        for gone in [404, 410] {
            assert!(matches!(say(gone).await, Reply::Gone(_)), "{gone}");
        }
        for later in [429, 500, 503] {
            assert!(matches!(say(later).await, Reply::Later { down: false, .. }), "{later}");
        }
        for never in [400, 403, 413] {
            assert!(matches!(say(never).await, Reply::Never(_)), "{never}");
        }
        let mut broken = told(format!("{service}/send/201"));
        broken.to.p256dh = to_base64url(&[4; 65]);
        assert!(matches!(push.carry(&broken).await, Reply::Gone(_)), "a key that is none");
    });
}

#[test]
fn a_subscription_cannot_make_us_call_what_is_inside() {
    run(async {
        let (service, kept) = service().await;
        let push = web_push("push-inside", Reach::Public);
        let inside = service.replace("http://", "https://");
        for endpoint in [
            format!("{service}/send/201"),
            format!("{inside}/send/201"),
            inside.replace("127.0.0.1", "localhost") + "/send/201",
            "https://[::1]/send/201".to_owned(),
        ] {
            let reply = push.carry(&told(endpoint.clone())).await;
            assert!(
                matches!(&reply, Reply::Later { why, .. } if why.contains("không được phép")),
                "{endpoint}: {reply:?}"
            );
        }
        assert!(kept.lock().expect("nobody panics").is_empty());
    });
}

const OPEN: &str = r"
import base64, sys
import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
decode = lambda text: base64.urlsafe_b64decode(text + '=' * (-len(text) % 4))
private = ec.derive_private_key(int.from_bytes(decode('q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94'), 'big'), ec.SECP256R1())
print(http_ece.decrypt(decode(sys.argv[1]), private_key=private, auth_secret=decode('BTBZMqHH6r4Tts7J_aSIgg'), version='aes128gcm').decode())
";

#[test]
fn a_foreign_implementation_opens_what_we_seal() {
    let Some(python) = foreign() else { return };
    let known = Command::new(&python).args(["-c", "import http_ece"]).output().expect("it runs");
    if !known.status.success() {
        eprintln!("skipped: this Python has no http_ece");
        return;
    }
    run(async {
        let (service, kept) = service().await;
        let one = told(format!("{service}/send/201"));
        let push = web_push("push-foreign", Reach::Operator);
        assert!(matches!(push.carry(&one).await, Reply::Taken(_)));
        let body = to_base64url(&kept.lock().expect("nobody panics")[0].1);
        let opened = Command::new(&python).args(["-c", OPEN, &body]).output().expect("it runs");
        assert_eq!(String::from_utf8_lossy(&opened.stdout).trim(), one.payload, "{opened:?}");
    });
}
