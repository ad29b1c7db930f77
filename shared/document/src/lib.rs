//! The Automerge documents: domain to changes and back.
