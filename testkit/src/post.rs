//! A mail server that follows a script: takes letters, puts them off, refuses them, or hangs up in the middle.
//! It speaks just enough SMTP (RFC 5321) for one letter a connection, without encryption.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// What the server does with the next letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Takes it.
    Take,
    /// Answers so to the reader's address: `451 4.7.1 later`, `550 5.1.1 no such user`.
    Refuse(&'static str),
    /// Answers so once it has the whole letter.
    RefuseWhole(&'static str),
    /// Hangs up before the letter.
    HangUp,
    /// Has the whole letter, and hangs up before it says so.
    HangUpAfter,
}

/// The server; it ends with the test.
#[derive(Clone)]
pub struct PostOffice {
    /// Where it listens.
    pub address: SocketAddr,
    letters: Arc<Mutex<Vec<String>>>,
    script: Arc<Mutex<Vec<Act>>>,
}

impl PostOffice {
    /// Opens one that follows the script, then takes everything.
    pub async fn open(script: &[Act]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let script = script.iter().rev().copied().collect();
        let office =
            Self { address, letters: Arc::default(), script: Arc::new(Mutex::new(script)) };
        let serving = office.clone();
        #[expect(clippy::disallowed_methods, reason = "it serves as long as the test runs")]
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let next = lock(&serving.script).pop().unwrap_or(Act::Take);
                // Whoever hangs up is seen by the other side.
                let _ = serving.serve(stream, next).await;
            }
        });
        office
    }

    /// The letters that it has, whole, also those of which it did not say so.
    pub fn letters(&self) -> Vec<String> {
        lock(&self.letters).clone()
    }

    async fn serve(&self, stream: TcpStream, act: Act) -> std::io::Result<()> {
        let (from, mut to) = stream.into_split();
        let mut lines = BufReader::new(from).lines();
        to.write_all(b"220 post.test\r\n").await?;
        while let Some(line) = lines.next_line().await? {
            let command = line.to_ascii_uppercase();
            let answer = match command.split([' ', ':']).next().unwrap_or("") {
                "EHLO" => "250-post.test\r\n250 8BITMIME",
                "RCPT" => match act {
                    Act::Refuse(answer) => answer,
                    _ => "250 ok",
                },
                "DATA" if act == Act::HangUp => return Ok(()),
                "DATA" => {
                    to.write_all(b"354 go on\r\n").await?;
                    let mut letter = String::new();
                    while let Some(line) = lines.next_line().await? {
                        if line == "." {
                            break;
                        }
                        letter.push_str(line.strip_prefix('.').unwrap_or(&line));
                        letter.push_str("\r\n");
                    }
                    if let Act::RefuseWhole(answer) = act {
                        answer
                    } else {
                        lock(&self.letters).push(letter);
                        if act == Act::HangUpAfter {
                            return Ok(());
                        }
                        "250 2.0.0 kept"
                    }
                }
                "QUIT" => {
                    to.write_all(b"221 bye\r\n").await?;
                    return Ok(());
                }
                _ => "250 ok",
            };
            to.write_all(answer.as_bytes()).await?;
            to.write_all(b"\r\n").await?;
        }
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
