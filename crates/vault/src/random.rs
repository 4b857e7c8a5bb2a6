//! Random bytes of the system, fetched a page at a time.

use zeroize::Zeroizing;

const PAGE_BYTES: usize = 4096;

/// Gives each byte once; what is left is wiped when dropped.
pub(crate) struct Random {
    page: Zeroizing<[u8; PAGE_BYTES]>,
    used: usize,
}

impl Random {
    pub(crate) fn new() -> Self {
        Self {
            page: Zeroizing::new([0; PAGE_BYTES]),
            used: PAGE_BYTES,
        }
    }

    /// `N` fresh bytes, at most a page of them.
    pub(crate) fn draw<const N: usize>(&mut self) -> Result<[u8; N], getrandom::Error> {
        if self.used + N > PAGE_BYTES {
            getrandom::fill(self.page.as_mut())?;
            self.used = 0;
        }
        let mut bytes = [0; N];
        let taken = &mut self.page[self.used..self.used + N];
        bytes.copy_from_slice(taken);
        taken.fill(0);
        self.used += N;
        Ok(bytes)
    }
}
