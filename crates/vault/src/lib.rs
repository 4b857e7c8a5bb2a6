//! People: what they gave us, sealed field by field under a key of their own, with provenance, retention and holds.
//! Must never reach the anonymous side, decrypt without an admitted and recorded request, or show a value in errors or logs.
//! Start at `Vault`.
