//! Load on loopback: keep-alive connections that each send a request, wait for its answer, and send the next.

use anyhow::{Context, bail};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A load to be put on a server of this machine, run by a process of its own so that its work is not the server's.
pub(crate) struct Load {
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
    pub(crate) path: String,
    pub(crate) connections: usize,
    pub(crate) seconds: f64,
    /// Whole bodies, sent in turn.
    pub(crate) bodies: Vec<Vec<u8>>,
    pub(crate) token: Option<String>,
}

/// What came back.
pub(crate) struct Outcome {
    /// Requests answered `202` a second.
    pub(crate) per_second: f64,
    /// Requests answered otherwise.
    pub(crate) refused: u64,
}

impl Load {
    /// Runs it on one thread.
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
    pub(crate) async fn run(self) -> anyhow::Result<Outcome> {
        if !self.address.starts_with("127.0.0.1:") {
            bail!("load goes to 127.0.0.1 only");
        }
        let requests: Arc<Vec<Vec<u8>>> =
            Arc::new(self.bodies.iter().map(|body| self.request(body)).collect());
        let (answered, refused) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let stop = Arc::new(AtomicBool::new(false));
        let mut senders = Vec::new();
        for place in 0..self.connections {
            let stream = TcpStream::connect(&self.address)
                .await
                .context("failed to connect")?;
            stream.set_nodelay(true)?;
            let (requests, answered, refused, stop) =
                (requests.clone(), answered.clone(), refused.clone(), stop.clone());
            senders.push(tokio::spawn(send(
                stream,
                requests,
                place * 7919,
                answered,
                refused,
                stop,
            )));
        }
        let begun = Instant::now();
        tokio::time::sleep(Duration::from_secs_f64(self.seconds)).await;
        let (count, time) = (answered.load(Ordering::Relaxed), begun.elapsed());
        stop.store(true, Ordering::Relaxed);
        for sender in senders {
            sender.await??;
        }
        Ok(Outcome {
            per_second: count as f64 / time.as_secs_f64(),
            refused: refused.load(Ordering::Relaxed),
        })
    }

    fn request(&self, body: &[u8]) -> Vec<u8> {
        let token = self
            .token
            .as_deref()
            .map(|t| format!("Authorization: Bearer {t}\r\n"))
            .unwrap_or_default();
        let mut request = format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: text/plain;charset=UTF-8\r\nAccept: */*\r\n\
             Accept-Language: ru-RU,ru;q=0.9,en;q=0.8\r\nOrigin: https://shop.example\r\n\
             Referer: https://shop.example/\r\nUser-Agent: {}\r\n{token}Content-Length: {}\r\n\r\n",
            self.path,
            self.address,
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(body);
        request
    }
}

async fn send(
    mut stream: TcpStream,
    requests: Arc<Vec<Vec<u8>>>,
    mut turn: usize,
    answered: Arc<AtomicU64>,
    refused: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
) -> anyhow::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    while !stop.load(Ordering::Relaxed) {
        stream.write_all(&requests[turn % requests.len()]).await?;
        turn += 1;
        let mut filled = 0;
        loop {
            let n = stream.read(&mut buffer[filled..]).await?;
            if n == 0 {
                bail!("the server closed a connection");
            }
            filled += n;
            if is_whole(&buffer[..filled]) {
                break;
            }
        }
        let counter = if buffer.starts_with(b"HTTP/1.1 202") {
            &answered
        } else {
            &refused
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

/// Whether the bytes are a whole answer with a `Content-Length`.
fn is_whole(bytes: &[u8]) -> bool {
    let Some(head) = memchr::memmem::find(bytes, b"\r\n\r\n") else {
        return false;
    };
    let length = std::str::from_utf8(&bytes[..head])
        .ok()
        .and_then(|head| {
            let line = head
                .split("\r\n")
                .find(|l| l.len() > 15 && l[..15].eq_ignore_ascii_case("content-length:"))?;
            line[15..].trim().parse::<usize>().ok()
        })
        .unwrap_or(0);
    bytes.len() >= head + 4 + length
}
