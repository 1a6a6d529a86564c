//! stub
#[path = "lab/mod.rs"]
mod lab;
