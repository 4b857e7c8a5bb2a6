//! What people agreed to and asked for: wordings, consents and their receipts, accounts, enquiries.
//! Must never reach the anonymous side, or keep a personal value anywhere but in the vault.
//! Start at `People`.
