//! `mail receive`: a letter from a mail server's pipe.

use crate::{control, errand::Errand, output::Report, store::Store};
use std::fmt;
use std::io::{self, Read};

/// The mail server is to keep the letter and hand it over again: exit status 75, `EX_TEMPFAIL` of sysexits.h.
#[derive(Debug)]
pub(crate) struct TryAgain;

impl fmt::Display for TryAgain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("failed to take the letter; it is to be tried again")
    }
}

/// Takes the letter on standard input. Every failure is [`TryAgain`]: nothing that came is sent back for our fault.
pub(crate) async fn receive(data: &std::path::Path) -> anyhow::Result<Report> {
    let taken = async {
        let letter = tokio::task::spawn_blocking(|| letter(io::stdin().lock())).await??;
        let store = Store::open(data).await?;
        control::run(&store, Errand::TakeLetter, &letter).await
    };
    taken.await.map_err(|error| error.context(TryAgain))
}

/// The bytes of a letter, as many as are read of it, without the line that mail servers put before what they hand to a
/// command (`From SENDER TIME`, of the mbox format: RFC 4155). What is behind is read and left.
fn letter(mut from: impl Read) -> io::Result<Vec<u8>> {
    let mut letter = Vec::new();
    let most = sharing::letter::MOST_BYTES as u64 + 1;
    (&mut from).take(most).read_to_end(&mut letter)?;
    io::copy(&mut from, &mut io::sink())?;
    if letter.starts_with(b"From ") {
        let end = memchr::memchr(b'\n', &letter).map_or(letter.len(), |end| end + 1);
        letter.drain(..end);
    }
    Ok(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_the_mail_server_goes_and_the_rest_stays() {
        for (piped, want) in [
            (
                "From a@b.example Sun Nov 22 20:15:00 2026\nFrom: a@b.example\n\nhi\n",
                "From: a@b.example\n\nhi\n",
            ),
            (
                "From: a@b.example\n\nFrom here\n",
                "From: a@b.example\n\nFrom here\n",
            ),
            ("", ""),
        ] {
            assert_eq!(letter(piped.as_bytes()).unwrap(), want.as_bytes());
        }
        let long = vec![b'x'; sharing::letter::MOST_BYTES + 9];
        assert_eq!(
            letter(long.as_slice()).unwrap().len(),
            sharing::letter::MOST_BYTES + 1
        );
    }
}
