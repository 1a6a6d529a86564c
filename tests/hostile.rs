//! Hostile cases, each a scenario with its right verdict: one server does one thing wrong, and nobody is fooled.
//!
//! A name such as `h071_...` is the number of a case in `tests/cases.toml`, which lists for every case the tests that
//! prove it: these, and those of the rules that it rests on.

#[path = "hostile/destination.rs"]
mod destination;
#[path = "hostile/difference.rs"]
mod difference;
#[path = "lab/mod.rs"]
mod lab;
#[path = "hostile/many.rs"]
mod many;
#[path = "hostile/names.rs"]
mod names;
#[path = "check/scene.rs"]
mod scene;
#[path = "hostile/source.rs"]
mod source;
#[path = "hostile/tool.rs"]
mod tool;
#[path = "hostile/transfer.rs"]
mod transfer;

use lab::Fault;

/// A fault by its name.
#[track_caller]
fn fault(text: &str) -> Fault {
    Fault::named(text).unwrap_or_else(|| panic!("no fault is called {text:?}"))
}
