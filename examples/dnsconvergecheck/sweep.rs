//! `sweep`: what earlier runs left behind is taken back.

use crate::args::SweepArguments;
use crate::keys;
use crate::terminal::Terminal;
use std::rc::Rc;

/// `sweep`.
pub(crate) async fn sweep(arguments: SweepArguments, terminal: &Rc<Terminal>) -> anyhow::Result<u8> {
    let _key = keys::for_all(arguments.key_file.as_deref(), arguments.key_text.as_ref(), terminal)?;
    anyhow::bail!("not yet")
}
