//! Asking the site as a program or a browser does: the whole road from the address to the answer, without a
//! socket.

use std::time::Instant;

use base64::{Engine, engine::general_purpose::STANDARD};
use http_body_util::BodyExt;
use identity::{
    actions::{Attempt, NewAccount, NewRole},
    role,
};
use kernel::{
    app::AppRef,
    axum::{
        Router,
        body::{Body, Bytes},
        extract::Request,
        http::{Method, header, request::Builder},
    },
    caller::Caller,
    clock::Day,
    problem::{Failure, INVALID_FORM, Outcome},
    scope::ScopePath,
    web::Connected,
};
use tower::ServiceExt;

/// The account in whose name everything is asked.
const NAME: &str = "do-tai";
const PASSWORD: &str = "do tai ca nuoc mot dem";

/// The site, with somebody signed in.
#[derive(Clone)]
pub struct Site {
    router: Router,
    cookie: String,
    basic: String,
}

/// An answer.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body, not compressed.
    pub body: Bytes,
    /// From asking to the last byte, in milliseconds.
    pub millis: f64,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Site {
    /// As somebody who may see and enter the country's figures.
    pub async fn open(app: &AppRef) -> Outcome<Self> {
        Self::open_as(app, NAME, role::PROGRAMME_OFFICER, vec![ScopePath::root()]).await
    }

    /// Signs in; makes the account when it is not there.
    pub async fn open_as(
        app: &AppRef,
        name: &str,
        role: &str,
        scopes: Vec<ScopePath>,
    ) -> Outcome<Self> {
        let from = app.now().day();
        let held = |scope| NewRole { role: role.to_owned(), scope, from, until: Day::FOREVER };
        let new = NewAccount {
            username: name.to_owned(),
            name: "Đo tải".to_owned(),
            place: ScopePath::root(),
            password: Some(PASSWORD.to_owned()),
            roles: scopes.into_iter().map(held).collect(),
        };
        match identity::actions::create_account(&Caller::system(app.now()), &app.db, new).await {
            Err(failure) if failure.is(&INVALID_FORM) => {}
            made => drop(made?),
        }
        let attempt = Attempt {
            username: name,
            password: PASSWORD,
            device: None,
            old_session: None,
            address: "127.0.0.1",
            user_agent: "nhipcau bench",
        };
        let signed = identity::actions::sign_in(app, &attempt).await?;
        Ok(Self {
            router: crate::serve::site(app),
            cookie: format!("phien={}", signed.token),
            basic: format!("Basic {}", STANDARD.encode(format!("{name}:{PASSWORD}"))),
        })
    }

    /// Fetches an address as a signed-in browser.
    pub async fn get(&self, path: &str) -> Outcome<Answer> {
        let request = Request::builder().uri(path).header(header::COOKIE, &self.cookie);
        self.ask(request.body(Body::empty())).await
    }

    /// Sends a body as a program that brings its name and password.
    pub async fn post(&self, path: &str, kind: &str, body: String) -> Outcome<Answer> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::AUTHORIZATION, &self.basic)
            .header(header::CONTENT_TYPE, kind);
        self.ask(request.body(Body::from(body))).await
    }

    /// Sends a filled-in form as a phone does.
    pub async fn submit(&self, xml: &str) -> Outcome<Answer> {
        let body = format!(
            "--het\r\nContent-Disposition: form-data; name=\"xml_submission_file\"; filename=\"submission.xml\"\r\n\
             Content-Type: text/xml\r\n\r\n{xml}\r\n--het--\r\n"
        );
        let request = self
            .as_phone(Method::POST, "/v1/projects/1/submission?deviceID=do-tai")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=het");
        self.ask(request.body(Body::from(body))).await
    }

    /// Asks for the list of forms, as a phone does before it has any to send.
    pub async fn forms(&self) -> Outcome<Answer> {
        let request = self.as_phone(Method::GET, "/v1/projects/1/formList");
        self.ask(request.body(Body::empty())).await
    }

    fn as_phone(&self, method: Method, path: &str) -> Builder {
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "127.0.0.1")
            .header(header::AUTHORIZATION, &self.basic)
            .header("x-openrosa-version", "1.0")
    }

    #[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
    async fn ask(&self, request: Result<Request, kernel::axum::http::Error>) -> Outcome<Answer> {
        let mut request = request.map_err(|error| Failure::fault("ask the site", error))?;
        let peer = std::net::Ipv4Addr::LOCALHOST.into();
        request.extensions_mut().insert(Connected { peer, trusted_proxy: false });
        let begun = Instant::now();
        let answer = match self.router.clone().oneshot(request).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        };
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await;
        let body = body.map_err(|error| Failure::fault("read the site's answer", error))?;
        let millis = begun.elapsed().as_secs_f64() * 1000.0;
        Ok(Answer { status, body: body.to_bytes(), millis })
    }
}
