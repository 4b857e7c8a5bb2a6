//! How many hits one address may send: what comes above it is answered `429`, and nothing of it is looked at further.
//!
//! Each address has a budget that refills steadily (the generic cell rate algorithm, ITU-T I.371). Addresses are never
//! kept: a slot, found by a hash under a key of this process, holds nothing but a time. Two addresses may share a slot,
//! and then a budget; with 65,536 slots that is rare, and the budget is generous.

use crate::Address;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicI64, Ordering};
use vocabulary::Moment;

/// How many addresses can be told apart.
const SLOTS: usize = 1 << 16;
/// A budget that was not touched for so long is full, in milliseconds.
const FULL_MS: i64 = 10_000;
/// Times are kept in these parts of a millisecond, so that thousands of hits a second can be told apart.
const PARTS: i64 = 1_000;

/// The budgets of all addresses.
pub struct Allowance {
    keys: RandomState,
    /// By slot: when the budget will be full again, in thousandths of a millisecond.
    full_at: Box<[AtomicI64]>,
    /// What one hit costs, in thousandths of a millisecond; nothing where there is no limit.
    cost: i64,
}

impl Allowance {
    /// So many hits a second from one address, ten seconds of them at once; `0` is without limit.
    pub fn per_second(hits: u32) -> Self {
        let cost = if hits == 0 {
            0
        } else {
            1_000 * PARTS / i64::from(hits)
        };
        let slots = if cost == 0 { 0 } else { SLOTS };
        Self {
            keys: RandomState::new(),
            full_at: (0..slots).map(|_| AtomicI64::new(0)).collect(),
            cost,
        }
    }

    /// Takes so many hits from the budget of an address, or says how many seconds to wait. A request is admitted while
    /// anything is left, so that one of many hits is no harder to send than many of one.
    ///
    /// Addresses that are not of the open internet have no limit: they are the operator's own programs, or a proxy
    /// that `trusted_proxies` lacks and behind which everybody is.
    pub fn take(&self, address: Address, hits: usize, now: Moment) -> Result<(), u32> {
        if self.cost == 0 || !address.is_public() {
            return Ok(());
        }
        let octets = address.octets();
        // An IPv4 address is in the last four bytes; of IPv6 a subscriber has the first eight.
        let is_mapped = octets[..12] == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
        let own = if is_mapped { &octets[..] } else { &octets[..8] };
        let hash = self.keys.hash_one(own);
        let slot = &self.full_at[usize::try_from(hash % SLOTS as u64).unwrap_or(0)];
        let now = now.0 * PARTS;
        let taken = self.cost * i64::try_from(hits.max(1)).unwrap_or(i64::MAX / self.cost / 2);
        let most = now + FULL_MS * PARTS;
        let result = slot.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |full_at| {
            let full_at = full_at.max(now);
            (full_at < most).then(|| full_at + taken)
        });
        result.map(|_| ()).map_err(|full_at| {
            let wait_ms = (full_at - most) / PARTS + 1;
            u32::try_from(wait_ms / 1_000 + 1).unwrap_or(u32::MAX)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_spent_refills_and_is_of_one_address() {
        let address = |text: &str| Address::parse(text).unwrap();
        let allowance = Allowance::per_second(2);
        let (one, other) = (address("203.0.113.9"), address("203.0.113.10"));
        let start = Moment(1_780_000_000_000);
        for _ in 0..20 {
            assert_eq!(allowance.take(one, 1, start), Ok(()), "ten seconds at once");
        }
        assert_eq!(allowance.take(one, 1, start), Err(1));
        assert_eq!(allowance.take(other, 1, start), Ok(()));
        let later = start.plus_ms(1_100);
        assert_eq!(allowance.take(one, 1, later), Ok(()));
        assert_eq!(allowance.take(one, 1, later), Ok(()));
        assert_eq!(allowance.take(one, 1, later), Ok(()), "while anything is left");
        assert_eq!(allowance.take(one, 1, later), Err(1));
        assert_eq!(
            allowance.take(other, 1_000, later),
            Ok(()),
            "a large request is let in"
        );
        let Err(wait_s) = allowance.take(other, 1, later) else {
            unreachable!("and paid for")
        };
        assert!((480..=500).contains(&wait_s), "{wait_s}");
        let paid = later.plus_ms(i64::from(wait_s) * 1_000);
        assert_eq!(allowance.take(other, 1, paid), Ok(()), "what is said suffices");
    }

    #[test]
    fn one_subscriber_of_ipv6_has_one_budget_and_inside_addresses_have_no_limit() {
        let address = |text: &str| Address::parse(text).unwrap();
        let allowance = Allowance::per_second(1);
        let now = Moment(1_780_000_000_000);
        for n in 0..10 {
            let text = format!("2a01:4f8:1:2::{n:x}");
            assert_eq!(allowance.take(address(&text), 1, now), Ok(()));
        }
        assert_eq!(allowance.take(address("2a01:4f8:1:2:ffff::1"), 1, now), Err(1));
        assert_eq!(allowance.take(address("2a01:4f8:1:3::1"), 1, now), Ok(()));
        for inside in ["127.0.0.1", "::1", "10.0.0.1", "172.17.0.1"] {
            assert_eq!(allowance.take(address(inside), 1_000_000, now), Ok(()));
            assert_eq!(allowance.take(address(inside), 1, now), Ok(()), "{inside}");
        }
        let unlimited = Allowance::per_second(0);
        let one = address("203.0.113.9");
        assert_eq!(unlimited.take(one, usize::MAX, now), Ok(()));
        assert_eq!(unlimited.take(one, 1, now), Ok(()));
    }
}
