//! Letters by SMTP (RFC 5321, through lettre): plain text and HTML side by side, files, and the headers by which
//! mail programs know that a machine wrote it and how to stop it.
//!
//! SMTP cannot say *exactly once*. When the connection breaks after the last dot and before the answer, nobody
//! knows whether the server has the letter; it is sent again under the same Message-ID, by which mail programs
//! recognise a second copy. A letter is therefore never lost, and rarely seen twice.

use std::{path::Path, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Attachment, Mailbox, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
        extension::ClientId,
    },
};
use reporting::{Carried, Carry, Mail, Reply};

use super::{named_file, secret_in, site_address};
use crate::config::{Encryption, MailServer};

/// How long the server may be silent at any moment.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long one letter may take in all, its files included.
const LETTER_WITHIN: Duration = Duration::from_secs(90);

/// The way to a mail server. A connection for each letter: there are few, and a server that went away meanwhile is
/// no special case.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// From the operator's settings; `site` is whose name the greeting says.
    ///
    /// # Errors
    /// Why these settings cannot be right, in English for the log.
    pub fn new(settings: &MailServer, site: &str, data: &Path) -> Result<Self, String> {
        let host = settings.server.as_str();
        let from: Mailbox = settings
            .from
            .parse()
            .map_err(|error| format!("the sender {:?} is no address: {error}", settings.from))?;
        let local = ["localhost", "127.0.0.1", "::1"].contains(&host);
        let (tls, port) = match settings.encryption {
            Encryption::Tls => (Tls::Wrapper(parameters(settings, data)?), 465),
            Encryption::Starttls => (Tls::Required(parameters(settings, data)?), 587),
            Encryption::None if local => (Tls::None, 25),
            Encryption::None => {
                return Err(format!("{host} is another machine: its connection must be encrypted"));
            }
        };
        let hello = site.parse::<http::Uri>().ok().and_then(|uri| uri.host().map(str::to_owned));
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(settings.port.unwrap_or(port))
            .tls(tls)
            .hello_name(ClientId::Domain(hello.unwrap_or_else(|| "localhost".to_owned())))
            .timeout(Some(PATIENCE));
        if !settings.user.is_empty() {
            let path = settings.password_file.as_deref();
            let path = path.ok_or_else(|| "user is named without password_file".to_owned())?;
            let password = secret_in(data, path)?;
            builder = builder.credentials(Credentials::new(settings.user.clone(), password));
        }
        Ok(Self { transport: builder.build(), from })
    }

    /// The letter as the server gets it.
    fn message(&self, mail: &Mail) -> Result<Message, String> {
        let to: Mailbox = mail.to.parse().map_err(|_| "the reader's address".to_owned())?;
        let header = |name: &'static str, value: String| {
            HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
        };
        let words = MultiPart::alternative()
            .singlepart(SinglePart::plain(mail.text.clone()))
            .singlepart(SinglePart::html(mail.html.clone()));
        let mut whole = MultiPart::mixed().multipart(words);
        for file in &mail.files {
            let kind = ContentType::parse(file.kind).map_err(|error| error.to_string())?;
            whole =
                whole.singlepart(Attachment::new(file.name.clone()).body(file.bytes.clone(), kind));
        }
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(kernel::text::tidy(&mail.subject))
            .message_id(Some(format!("<{}@{}>", mail.key, self.from.email.domain())))
            // RFC 3834: no automatic answer to this, please.
            .raw_header(header("Auto-Submitted", "auto-generated".to_owned()))
            // RFC 2369.
            .raw_header(header("List-Unsubscribe", format!("<{}>", mail.settings)))
            .multipart(whole)
            .map_err(|error| error.to_string())
    }

    async fn send(&self, mail: &Mail) -> Reply {
        let message = match self.message(mail) {
            Ok(message) => message,
            Err(why) => return Reply::Never(format!("không lập được thư: {why}")),
        };
        match tokio::time::timeout(LETTER_WITHIN, self.transport.send(message)).await {
            Err(_) => Reply::Later {
                why: "máy chủ thư không trả lời kịp".to_owned(), down: true
            },
            Ok(Ok(response)) => Reply::Taken(response.first_line().unwrap_or("250").to_owned()),
            Ok(Err(error)) => refused(&error),
        }
    }
}

/// What a failure means for the letter. Whoever may not sign in has a wrong password, not a wrong letter.
fn refused(error: &lettre::transport::smtp::Error) -> Reply {
    let code = error.status().map(u16::from);
    let why = cause(error);
    match code {
        None | Some(530 | 534 | 535 | 538 | 421) => Reply::Later { why, down: true },
        Some(_) if error.is_permanent() => Reply::Never(why),
        Some(_) => Reply::Later { why, down: false },
    }
}

/// A failure with what caused it, in one line.
fn cause(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut inner = error.source();
    while let Some(one) = inner {
        text = format!("{text}: {one}");
        inner = one.source();
    }
    text
}

impl Carry<Mail> for Smtp {
    fn carry<'a>(&'a self, what: &'a Mail) -> Carried<'a> {
        Box::pin(self.send(what))
    }
}

fn parameters(settings: &MailServer, data: &Path) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(settings.server.clone());
    if let Some(path) = &settings.ca_file {
        let path = named_file(data, path);
        let pem = std::fs::read(&path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let authority = Certificate::from_pem(&pem)
            .map_err(|error| format!("{} is no certificate: {error}", path.display()))?;
        builder = builder.add_root_certificate(authority);
    }
    builder.build().map_err(|error| cause(&error))
}

/// Whether the server answers and lets us in; nothing is sent.
pub(super) async fn examine(server: &MailServer, site: &str, data: &Path) -> (bool, String) {
    let smtp = match site_address(site).and_then(|site| Smtp::new(server, &site, data)) {
        Ok(smtp) => smtp,
        Err(why) => return (false, format!("khai máy chủ thư chưa đúng: {why}")),
    };
    match tokio::time::timeout(LETTER_WITHIN, smtp.transport.test_connection()).await {
        Ok(Ok(true)) => (true, format!("máy chủ thư {} trả lời", server.server)),
        Ok(Ok(false)) => (false, format!("máy chủ thư {} không nhận", server.server)),
        Ok(Err(error)) => (false, format!("máy chủ thư {}: {}", server.server, cause(&error))),
        Err(_) => (false, format!("máy chủ thư {} không trả lời", server.server)),
    }
}
