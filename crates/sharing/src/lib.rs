//! Every way out of the system: mail, outbound HTTP, and the ledger that is written before anything leaves.
//! Must never reach vault or archive: what leaves is handed in by those who may read it.
//! Start at `Ledger` and `Mailer`.
