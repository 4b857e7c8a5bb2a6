//! Files of a journal: whatever their bytes, they are read or refused; damaged ones never give what was not appended.
#![no_main]

use fuzz::memory::Memory;
use journal::{Error, Journal, Options, Position};

const FILE: &str = "00000000000000000001.journal";

fn options() -> Options {
    let mut options = Options::with_salt(5);
    options.file_bytes = 32 << 10;
    options.queue_bytes = 1 << 20;
    options
}

/// Everything that is replayed from the folder.
fn replayed(folder: Memory) -> Result<Vec<Vec<u8>>, Error> {
    let mut records = Vec::new();
    let each = |position: Position, bytes: &[u8]| {
        assert_eq!(position.0, records.len() as u64 + 1);
        records.push(bytes.to_vec());
        Ok(())
    };
    let (_, recovery) = Journal::open(folder, options(), Position::START, each, |_, ()| {})?;
    assert_eq!(recovery.replayed, records.len() as u64);
    assert_eq!(recovery.last.0, recovery.replayed);
    Ok(records)
}

fn written(records: &[&[u8]]) -> Memory {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let folder = Memory::default();
    runtime.block_on(async {
        let (journal, _) = Journal::open(
            folder.clone(),
            options(),
            Position::START,
            |_, _| Ok(()),
            |_, ()| {},
        )
        .expect("an empty folder opens");
        for record in records {
            journal.append(record.to_vec(), ()).await.expect("there is room");
        }
        journal.close().await.expect("nothing failed");
    });
    folder
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    match input.split_first() {
        Some((0, bytes)) => {
            let folder = Memory::default();
            folder.put(FILE, bytes.to_vec());
            if let Ok(records) = replayed(folder.clone()) {
                assert_eq!(
                    replayed(folder).expect("it was settled"),
                    records,
                    "twice is once"
                );
            }
        }
        Some((edits, bytes)) => {
            let edits = usize::from(*edits % 8) * 4;
            let Some((edits, bytes)) = bytes.split_at_checked(edits) else {
                return;
            };
            let records: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').take(50).collect();
            let folder = written(&records);
            assert_eq!(replayed(folder.clone()).expect("it is whole"), records);
            folder.damage(FILE, |file| {
                for edit in edits.chunks_exact(4) {
                    let at = usize::from(u16::from_le_bytes([edit[0], edit[1]])) % file.len();
                    match edit[2] % 8 {
                        0 => file.truncate(at),
                        1 => file[at..].fill(0),
                        _ => file[at] = edit[3],
                    }
                    if file.is_empty() {
                        break;
                    }
                }
            });
            if let Ok(found) = replayed(folder) {
                assert!(records.starts_with(&found.iter().map(Vec::as_slice).collect::<Vec<_>>()));
            }
        }
        None => {}
    }
});
