//! Files: the journal, key files.
