//! The defaults of the options, which are the library's: no number is stated here.

use crate::size::Size;
use crate::span::Span;
use dnsconverge::{converge, diff, net};

/// `--deadline`.
pub(crate) const DEADLINE: Span = Span(converge::DEFAULT_DEADLINE);
/// `--interval`.
pub(crate) const INTERVAL: Span = Span(converge::DEFAULT_INTERVAL);
/// `--confirmations`.
pub(crate) const CONFIRMATIONS: u32 = converge::DEFAULT_CONFIRMATIONS;
/// `--cleanup-timeout`.
pub(crate) const CLEANUP_TIMEOUT: Span = Span(converge::DEFAULT_CLEANUP_TIMEOUT);
/// `--timeout`.
pub(crate) const TIMEOUT: Span = Span(converge::DEFAULT_TIMEOUT);
/// `--memory`.
pub(crate) const MEMORY: Size = Size(diff::DEFAULT_MEMORY);
/// `-p`.
pub(crate) const PORT: u16 = net::DEFAULT_PORT;
/// `--max-qps`.
pub(crate) const MAX_QPS: u32 = net::DEFAULT_MAX_QPS;
/// The port by TLS; the library has the constant only with its feature.
pub(crate) const TLS_PORT: u16 = 853;
