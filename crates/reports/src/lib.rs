//! Questions and answers over the archive.
